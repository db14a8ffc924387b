package main

import (
	"github.com/spf13/cobra"

	"github.com/objdisco/discover/evaluator/proxy"
)

func (a *app) tasksCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "tasks",
		Short: "Describe the proxy tasks",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return a.tasks() },
	}
}

func (a *app) tasks() error {
	if a.json {
		return a.printJSON(struct {
			Tasks []proxy.Definition `json:"tasks"`
		}{proxy.Definitions()})
	}
	rows := [][]string{{"task", "what the policy is to do"}}
	for _, d := range proxy.Definitions() {
		rows = append(rows, []string{d.Name, d.About})
	}
	return table(a.out, rows)
}
