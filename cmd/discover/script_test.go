package main

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
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
	model := newScriptedLLM(t, false)
	testscript.Run(t, testscript.Params{
		Dir:  "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "saverun": saveRun, "damage": damage},
		Setup: func(env *testscript.Env) error {
			env.Setenv("XDG_CACHE_HOME", env.Getenv("WORK")+"/cache")
			env.Setenv("SCRIPTED_LLM", model.URL+"/v1")
			return nil
		},
	})
}

// exits runs a command that must end with the given exit code: exits CODE COMMAND
// ARGS. Its output is there for stdout and stderr as after exec.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ARGS...")
	}
	err := ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	code := 0
	switch {
	case errors.As(err, &exit):
		code = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got := strconv.Itoa(code); got != args[0] {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
}
