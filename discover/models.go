package discover

import (
	"fmt"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"github.com/objdisco/discover/discover/propose"
)

// Models are the models to ask, each with its weight in the draw. In YAML they
// are a name, a list of names, or a map from name to weight.
type Models []propose.Arm

// ParseModel reads "NAME" or "NAME=WEIGHT".
func ParseModel(text string) (propose.Arm, error) {
	name, weight, weighted := strings.Cut(text, "=")
	arm := propose.Arm{Name: name, Weight: 1}
	if weighted {
		var err error
		if arm.Weight, err = strconv.ParseFloat(weight, 64); err != nil {
			return arm, fmt.Errorf("model %q: want NAME or NAME=WEIGHT", text)
		}
	}
	return arm, nil
}

// UnmarshalYAML replaces m.
func (m *Models) UnmarshalYAML(n *yaml.Node) error {
	*m = nil
	switch n.Kind {
	case yaml.ScalarNode:
		return m.add(n, nil)
	case yaml.SequenceNode:
		for _, name := range n.Content {
			if err := m.add(name, nil); err != nil {
				return err
			}
		}
		return nil
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if err := m.add(n.Content[i], n.Content[i+1]); err != nil {
				return err
			}
		}
		return nil
	}
	return misplaced(n)
}

// MarshalYAML writes a map from name to weight, in the order of m.
func (m Models) MarshalYAML() (any, error) {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for _, arm := range m {
		n.Content = append(n.Content,
			&yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: arm.Name},
			&yaml.Node{Kind: yaml.ScalarNode, Value: strconv.FormatFloat(arm.Weight, 'g', -1, 64)})
	}
	return n, nil
}

func (m *Models) add(name, weight *yaml.Node) error {
	arm := propose.Arm{Weight: 1}
	if name.Kind != yaml.ScalarNode || name.Decode(&arm.Name) != nil {
		return misplaced(name)
	}
	if weight != nil && weight.Decode(&arm.Weight) != nil {
		return misplaced(weight)
	}
	if arm.Name != "" {
		*m = append(*m, arm)
	}
	return nil
}

func misplaced(n *yaml.Node) error {
	return &yaml.LoadErrors{Errors: []*yaml.LoadError{{
		Mark: yaml.Mark{Line: n.Line, Column: n.Column}, Message: "model: want a name, a list of names, or a map from name to weight",
	}}}
}

// validate names the first model that cannot be drawn.
func (m Models) validate() error {
	seen := map[string]bool{}
	for _, arm := range m {
		switch {
		case arm.Name == "":
			return fmt.Errorf("model: a name is empty")
		case seen[arm.Name]:
			return fmt.Errorf("model %q is named twice", arm.Name)
		case !(arm.Weight > 0 && arm.Weight <= 1e6):
			return fmt.Errorf("model %q has weight %v: want a positive number", arm.Name, arm.Weight)
		}
		seen[arm.Name] = true
	}
	return nil
}

// Names lists the names.
func (m Models) Names() []string {
	var out []string
	for _, arm := range m {
		out = append(out, arm.Name)
	}
	return out
}
