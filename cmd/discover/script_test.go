package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/objdisco/discover/sandbox"
)

// asDiscover is the environment variable that makes this test binary behave as
// discover itself.
const asDiscover = "TEST_AS_DISCOVER"

func TestMain(m *testing.M) {
	sandbox.RunChildIfAsked()
	if os.Getenv(asDiscover) != "" {
		main()
	}
	testscript.Main(m, map[string]func(){"discover": main})
}

// TestScripts runs the commands as a person types them.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("XDG_CACHE_HOME", env.Getenv("WORK")+"/cache")
			return nil
		},
	})
}
