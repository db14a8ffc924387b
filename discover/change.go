package discover

import (
	"fmt"
	"reflect"
)

// Changed returns c changed by the YAML text of a user's file, for a run that goes
// on. A key that decides what scores mean cannot change any more: its candidates
// would not be comparable with the earlier ones. file names the text in errors.
func (c Config) Changed(file string, text []byte) (Config, error) {
	changed := c
	if err := decodeYAML(file, text, &changed); err != nil {
		return c, err
	}
	for _, k := range []struct {
		key       string
		old, next any
	}{
		{"seed", c.Seed, changed.Seed},
		{"lag", c.Lag, changed.Lag},
		{"proposer", c.Proposer, changed.Proposer},
		{"tasks", c.Tasks, changed.Tasks},
		{"seeds", c.Seeds, changed.Seeds},
		{"screen", c.Screen, changed.Screen},
		{"micro_batch", c.MicroBatch, changed.MicroBatch},
	} {
		if !reflect.DeepEqual(k.old, k.next) {
			return c, fmt.Errorf("%s: %s is %v in this run and cannot become %v: its candidates would not be comparable; start a new run", file, k.key, k.old, k.next)
		}
	}
	return changed, nil
}
