package discover

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/objdisco/discover/configs"
)

func TestPresetsAreValid(t *testing.T) {
	for _, name := range configs.Names() {
		c, err := Preset(name)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	quick, _ := Preset("quick")
	thorough, _ := Preset("thorough")
	if quick.Candidates >= thorough.Candidates || quick.Seeds >= thorough.Seeds {
		t.Errorf("thorough %+v spends no more than quick %+v", thorough, quick)
	}
}

func TestFileOverridesPreset(t *testing.T) {
	c, err := loadConfig("quick", "f.yaml", []byte("seed: 7\nrequest_timeout: 90s\ntasks: [bandit]\n"))
	if err != nil {
		t.Fatal(err)
	}
	want, _ := Preset("quick")
	want.Seed, want.RequestTimeout, want.Tasks = 7, 90*time.Second, []string{"bandit"}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
	c, err = loadConfig("quick", "f.yaml", []byte("# nothing\n\n"))
	want, _ = Preset("quick")
	if diff := cmp.Diff(want, c); diff != "" || err != nil {
		t.Errorf("a file of comments: %v\n%s", err, diff)
	}
}

func TestLoadConfigErrors(t *testing.T) {
	tests := []struct{ name, preset, text, want string }{
		{"preset", "huge", "", `unknown preset "huge": use one of quick, standard, thorough`},
		{"key", "quick", "seed: 1\n  \nsede: 2\n", `f.yaml: line 3, column 1: unknown key "sede"`},
		{"type", "quick", "candidates: many\n", "f.yaml: line 1, column 13"},
		{"twice", "quick", "seed: 1\nseed: 2\n", "f.yaml: line 2"},
		{"broken", "quick", "seed: [1\n", "f.yaml: line"},
		{"not a map", "quick", "- seed\n", "f.yaml: line 1"},
		{"too long", "quick", "# " + strings.Repeat("x", maxConfigBytes), "too many"},
		{"binary", "quick", "\x00\x01", "f.yaml"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := loadConfig(tt.preset, "f.yaml", []byte(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestValidateNamesTheKey(t *testing.T) {
	for key, spoil := range map[string]func(*Config){
		"candidates":          func(c *Config) { c.Candidates = -1 },
		"workers":             func(c *Config) { c.Workers = -1 },
		"lag":                 func(c *Config) { c.Lag = 0 },
		"repairs":             func(c *Config) { c.Repairs = 100 },
		"temperature":         func(c *Config) { c.Temperature = 3 },
		"reply_tokens":        func(c *Config) { c.ReplyTokens = 1 },
		"max_calls":           func(c *Config) { c.MaxCalls = -1 },
		"max_tokens":          func(c *Config) { c.MaxTokens = -1 },
		"max_usd":             func(c *Config) { c.MaxUSD = -1 },
		"max_time":            func(c *Config) { c.MaxTime = -1 },
		"request_timeout":     func(c *Config) { c.RequestTimeout = 0 },
		"requests_per_minute": func(c *Config) { c.RequestsPerMinute = -1 },
		"history_tokens":      func(c *Config) { c.HistoryTokens = 0 },
		"seeds":               func(c *Config) { c.Seeds = 1 },
		"micro_batch":         func(c *Config) { c.MicroBatch = 0 },
		"proposer":            func(c *Config) { c.Proposer = "magic" },
		"sandbox":             func(c *Config) { c.Sandbox = "off" },
		"tasks":               func(c *Config) { c.Tasks = nil },
	} {
		c, err := Preset("standard")
		if err != nil {
			t.Fatal(err)
		}
		spoil(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("%s: error %v does not name the key", key, err)
		}
	}
}

func TestFewKnobs(t *testing.T) {
	if n := reflect.TypeFor[Config]().NumField(); n > 25 {
		t.Errorf("%d configuration keys, at most 25 are allowed", n)
	}
}

func TestHashCoversWhatDecidesResults(t *testing.T) {
	base := defaults()
	for name, tt := range map[string]struct {
		change  func(*Config)
		decides bool
	}{
		"seed":    {func(c *Config) { c.Seed++ }, true},
		"lag":     {func(c *Config) { c.Lag++ }, true},
		"tasks":   {func(c *Config) { c.Tasks = []string{"bandit"} }, true},
		"seeds":   {func(c *Config) { c.Seeds++ }, true},
		"screen":  {func(c *Config) { c.Screen = !c.Screen }, true},
		"adapt":   {func(c *Config) { c.Adapt = !c.Adapt }, true},
		"model":   {func(c *Config) { c.Model = Models{{Name: "m", Weight: 1}} }, true},
		"workers": {func(c *Config) { c.Workers++ }, false},
		"longer":  {func(c *Config) { c.Candidates++ }, false},
		"richer":  {func(c *Config) { c.MaxUSD++ }, false},
	} {
		c := base
		tt.change(&c)
		if (c.Hash() != base.Hash()) != tt.decides {
			t.Errorf("%s: hash changed %v, want %v", name, !tt.decides, tt.decides)
		}
	}
}

// loadConfig is a preset with the keys of a file.
func loadConfig(preset, file string, text []byte) (Config, error) {
	c, err := Preset(preset)
	if err != nil {
		return c, err
	}
	return c.Overridden(file, text)
}
