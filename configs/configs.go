// Package configs holds the presets of a search as YAML files, in the form that
// a user's own configuration file has.
package configs

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed *.yaml
var files embed.FS

// Names returns the names of the presets, quickest first.
func Names() []string { return []string{"quick", "standard", "thorough"} }

// Preset returns the YAML text of a preset.
func Preset(name string) ([]byte, error) {
	data, err := files.ReadFile(name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("unknown preset %q: use one of %s", name, strings.Join(Names(), ", "))
	}
	return data, nil
}
