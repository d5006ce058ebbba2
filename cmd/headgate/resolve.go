package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/spf13/viper"
)

// environmentPrefix comes before the upper-case name of a flag.
const environmentPrefix = "HEADGATE"

// resolveFlags gives the flags that the command line left alone the values of the environment, or else of the configuration file. All
// values go through the flags' own parsers, so that a mistake is told in the same words wherever it was made.
func resolveFlags(cmd *cobra.Command, configFile string) error {
	if !hasSettings(cmd) {
		return nil
	}
	v := viper.New()
	v.SetEnvPrefix(environmentPrefix)
	v.SetEnvKeyReplacer(strings.NewReplacer("-", "_"))
	v.AutomaticEnv()
	if configFile == "" {
		configFile = v.GetString(configFlag)
	}
	if configFile != "" {
		values, err := readConfigFile(configFile, knownKeys(cmd.Root()))
		if err != nil {
			return err
		}
		if err := v.MergeConfigMap(values); err != nil {
			return usageError("%s: %v", configFile, err)
		}
	}
	var problem error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if problem != nil || f.Changed || !isSetting(f) || !v.IsSet(f.Name) {
			return
		}
		if err := setFlag(f, v.Get(f.Name)); err != nil {
			problem = usageError("%s: %q: %v", originOf(f.Name, configFile), v.GetString(f.Name), err)
		}
	})
	return problem
}

// hasSettings reports whether a verb has flags that can come from elsewhere. What has none, such as version, works whatever is there.
func hasSettings(cmd *cobra.Command) bool {
	found := false
	cmd.Flags().VisitAll(func(f *pflag.Flag) { found = found || isSetting(f) })
	return found
}

// setFlag gives a flag the value of a variable or key. Lists in variables are separated by commas.
func setFlag(f *pflag.Flag, value any) error {
	list, isList := f.Value.(pflag.SliceValue)
	switch value := value.(type) {
	case string:
		if isList {
			return list.Replace(strings.Split(value, ","))
		}
		return f.Value.Set(value)
	case []string:
		if isList {
			return list.Replace(value)
		}
	}
	return fmt.Errorf("must be a single value")
}

// originOf says where the value of a flag comes from.
func originOf(name, configFile string) string {
	variable := environmentPrefix + "_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
	if os.Getenv(variable) != "" {
		return variable
	}
	return configFile + ": " + name
}

// knownKeys returns the names of the flags of all verbs: one file may serve several of them.
func knownKeys(root *cobra.Command) []string {
	var keys []string
	for _, c := range append(root.Commands(), root) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if isSetting(f) {
				keys = append(keys, f.Name)
			}
		})
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// ownAnnotation marks flags that are about one call only.
const ownAnnotation = "headgate_command_line_only"

// onCommandLineOnly keeps a flag out of the environment and the configuration file.
func onCommandLineOnly(cmd *cobra.Command, name string) {
	cmd.Flags().Lookup(name).Annotations = map[string][]string{ownAnnotation: nil}
}

// isSetting reports whether a flag may come from the environment and the configuration file.
func isSetting(f *pflag.Flag) bool {
	_, own := f.Annotations[ownAnnotation]
	return !own && f.Name != configFlag && f.Name != "help"
}
