package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/objdisco/discover/evaluator/proxy"
)

func (a *app) tasksCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "tasks",
		Short: "Describe the proxy tasks",
		Long: `Describe the proxy tasks: what a policy is to do, and every parameter that its
reward and KL depend on. The same is stored with every result.`,
		Example: "  discover tasks\n  discover tasks --json",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return a.tasks() },
	}
}

func (a *app) tasks() error {
	if a.json {
		return a.printJSON(struct {
			Tasks []proxy.Definition `json:"tasks"`
		}{proxy.Definitions()})
	}
	for i, d := range proxy.Definitions() {
		if i > 0 {
			fmt.Fprintln(a.out)
		}
		if err := printDefinition(a.out, d); err != nil {
			return err
		}
	}
	return nil
}

// printDefinition writes a task with all its parameters, by the names that they have
// as JSON.
func printDefinition(w io.Writer, d proxy.Definition) error {
	fmt.Fprintf(w, "%s, version %d: %s\n", d.Name, d.Version, d.About)
	data, err := json.Marshal(d)
	if err != nil {
		return err
	}
	groups, err := parameters(data)
	if err != nil {
		return err
	}
	for _, g := range groups {
		fmt.Fprintf(w, "  %-15s %s\n", g.name, strings.Join(g.values, ", "))
	}
	return nil
}

// group is the parameters of one JSON object.
type group struct {
	name   string // of the object, with those around it
	values []string
}

// parameters lists what a JSON object holds but the name, version and description of
// a task, object by object.
func parameters(data []byte) ([]group, error) {
	var fields orderedObject
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil, err
	}
	groups := fields.groups("task")
	own := groups[0].values[:0]
	for _, v := range groups[0].values {
		if key, _, _ := strings.Cut(v, " "); key != "name" && key != "version" && key != "about" {
			own = append(own, v)
		}
	}
	groups[0].values = own
	return groups, nil
}

// orderedObject is a JSON object with its fields in their order.
type orderedObject []struct {
	key   string
	value json.RawMessage
}

// UnmarshalJSON implements json.Unmarshaler.
func (o *orderedObject) UnmarshalJSON(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	if _, err := dec.Token(); err != nil { // the brace
		return err
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return err
		}
		*o = append(*o, struct {
			key   string
			value json.RawMessage
		}{fmt.Sprint(key), value})
	}
	return nil
}

// groups lists the fields of o that are no objects, then those of each object in it.
func (o orderedObject) groups(name string) []group {
	own, inner := group{name: name}, []group(nil)
	for _, f := range o {
		var object orderedObject
		if f.value[0] == '{' && json.Unmarshal(f.value, &object) == nil {
			inner = append(inner, object.groups(strings.TrimPrefix(name+" "+f.key, "task "))...)
			continue
		}
		own.values = append(own.values, f.key+" "+string(f.value))
	}
	return append([]group{own}, inner...)
}
