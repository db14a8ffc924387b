package sandbox

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	RunChildIfAsked()
	if os.Args[0] == fakeName {
		runFake(os.Args[1])
	}
	os.Exit(m.Run())
}
