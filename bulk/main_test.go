package bulk_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if job := os.Getenv(envJob); job != "" {
		importAsTold(job)
		return
	}
	goleak.VerifyTestMain(m)
}
