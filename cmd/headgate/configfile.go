package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/headgate/headgate/diag"
)

// readConfigFile reads the file that --config names. The values are kept as they are written (1.30 is a version, not a number): the
// flags' own parsers read them.
func readConfigFile(path string, known []string) (map[string]any, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the configuration file: %w", err)
	}
	document, err := oneDocument(data)
	if err != nil {
		return nil, usageError("%s: %s", path, strings.ReplaceAll(err.Error(), "\n", " "))
	}
	values := map[string]any{}
	if document.Kind == 0 {
		return values, nil
	}
	top := document.Content[0]
	if top.Kind != yaml.MappingNode {
		return nil, usageError("%s:%d: must hold flags with their values, as in \"http-port: 8080\"", path, top.Line)
	}
	for i := 0; i+1 < len(top.Content); i += 2 {
		key, value := top.Content[i], top.Content[i+1]
		if err := checkKey(key.Value, known, values); err != nil {
			return nil, usageError("%s:%d: %v", path, key.Line, err)
		}
		if values[key.Value], err = configValue(value); err != nil {
			return nil, usageError("%s:%d: %s: %v", path, value.Line, key.Value, err)
		}
	}
	return values, nil
}

// oneDocument reads a YAML text, which is empty or one document.
func oneDocument(data []byte) (document yaml.Node, err error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&document); err != nil {
		if errors.Is(err, io.EOF) {
			return yaml.Node{}, nil
		}
		return yaml.Node{}, err
	}
	var more yaml.Node
	switch err := decoder.Decode(&more); {
	case errors.Is(err, io.EOF):
		return document, nil
	case err != nil:
		return yaml.Node{}, err
	default:
		return yaml.Node{}, fmt.Errorf("line %d: there is a second document", more.Line)
	}
}

// checkKey refuses keys that are no flag, and keys that were there before.
func checkKey(key string, known []string, before map[string]any) error {
	if !slices.Contains(known, key) {
		return fmt.Errorf("there is no setting %q%s", key, diag.DidYouMean(key, known))
	}
	if _, twice := before[key]; twice {
		return fmt.Errorf("%q is set twice", key)
	}
	return nil
}

// configValue returns the text of a scalar, or the texts of a list.
func configValue(node *yaml.Node) (any, error) {
	if node.Kind == yaml.ScalarNode {
		return node.Value, nil
	}
	if node.Kind != yaml.SequenceNode {
		return nil, errors.New("must be a single value or a list")
	}
	items := make([]string, len(node.Content))
	for i, item := range node.Content {
		if item.Kind != yaml.ScalarNode {
			return nil, fmt.Errorf("item %d must be a single value", i+1)
		}
		items[i] = item.Value
	}
	return items, nil
}
