package main

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/headgate/headgate/diag"
	"github.com/headgate/headgate/translate"
)

// choice is a flag with a few allowed words.
type choice struct {
	value   *string
	allowed []string
}

func oneOf(value *string, allowed ...string) choice { return choice{value: value, allowed: allowed} }

// String implements pflag.Value.
func (c choice) String() string {
	if c.value == nil {
		return ""
	}
	return *c.value
}

// Set implements pflag.Value.
func (c choice) Set(s string) error {
	if !slices.Contains(c.allowed, s) {
		return fmt.Errorf("must be one of %s%s", strings.Join(c.allowed, ", "), diag.DidYouMean(s, c.allowed))
	}
	*c.value = s
	return nil
}

// Type implements pflag.Value.
func (c choice) Type() string { return "word" }

// objectName is a flag that names a namespaced object.
type objectName struct{ value *translate.Name }

// String implements pflag.Value.
func (n objectName) String() string {
	if n.value == nil || n.value.IsZero() {
		return ""
	}
	return n.value.String()
}

// Set implements pflag.Value. An empty value names no object.
func (n objectName) Set(s string) error {
	if s == "" {
		*n.value = translate.Name{}
		return nil
	}
	namespace, name, found := strings.Cut(s, "/")
	if !found || namespace == "" || name == "" || strings.Contains(name, "/") {
		return fmt.Errorf("must be namespace/name")
	}
	*n.value = translate.Name{Namespace: namespace, Name: name}
	return nil
}

// Type implements pflag.Value.
func (n objectName) Type() string { return "namespace/name" }

// port is a flag with a TCP port.
type port struct{ value *int }

// String implements pflag.Value.
func (p port) String() string {
	if p.value == nil {
		return ""
	}
	return strconv.Itoa(*p.value)
}

// Set implements pflag.Value.
func (p port) Set(s string) error {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n == 0 {
		return fmt.Errorf("must be a port from 1 to 65535")
	}
	*p.value = int(n)
	return nil
}

// Type implements pflag.Value.
func (p port) Type() string { return "port" }

// count is a flag with a number from 1 on.
type count struct{ value *int }

// String implements pflag.Value.
func (c count) String() string {
	if c.value == nil || *c.value == 0 {
		return ""
	}
	return strconv.Itoa(*c.value)
}

// Set implements pflag.Value.
func (c count) Set(s string) error {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n == 0 {
		return fmt.Errorf("must be a number from 1 on")
	}
	*c.value = int(n)
	return nil
}

// Type implements pflag.Value.
func (c count) Type() string { return "number" }

// addresses is a flag with IP addresses; each use adds to the list.
type addresses struct{ value *[]netip.Addr }

// String implements pflag.Value.
func (a addresses) String() string {
	if a.value == nil {
		return ""
	}
	return strings.Join(a.GetSlice(), ",")
}

// Set implements pflag.Value.
func (a addresses) Set(s string) error { return a.Append(s) }

// Type implements pflag.Value.
func (a addresses) Type() string { return "address" }

// Append implements pflag.SliceValue.
func (a addresses) Append(s string) error {
	for part := range strings.SplitSeq(s, ",") {
		addr, err := netip.ParseAddr(strings.TrimSpace(part))
		if err != nil {
			return fmt.Errorf("must be IP addresses, as 127.0.0.1 or ::1")
		}
		*a.value = append(*a.value, addr)
	}
	return nil
}

// Replace implements pflag.SliceValue.
func (a addresses) Replace(items []string) error {
	*a.value = nil
	for _, item := range items {
		if err := a.Append(item); err != nil {
			return err
		}
	}
	return nil
}

// GetSlice implements pflag.SliceValue.
func (a addresses) GetSlice() []string {
	items := make([]string, len(*a.value))
	for i, addr := range *a.value {
		items[i] = addr.String()
	}
	return items
}
