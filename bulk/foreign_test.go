package bulk_test

import (
	"errors"
	"strings"
	"testing"

	"example.com/customer/bulk"
)

func TestFilesOfAnotherKind(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, file, end, advice string }{
		{"a JSON array on lines", "\n[\n{\"name\":\"Ada\"},\n{\"name\":\"Eve\"}\n]\n", "line 2 malformed", "jq -c '.[]'"},
		{"a JSON array behind much white space", strings.Repeat(" \n", 700) + "[]", "line 701 malformed", "jq"},
		{"an Excel workbook", "PK\x03\x04\x14\x00\x06\x00\x08", "line 1 not_utf8", "an Excel workbook or another ZIP archive; save the workbook as CSV UTF-8"},
		{"an old Excel workbook", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "line 1 not_utf8", "an old Excel workbook; save it as CSV UTF-8"},
		{"a file in gzip", "\x1f\x8b\x08\x00\x00", "line 1 not_utf8", "gzip -d"},
		{"an image", "\x89PNG\r\n\x1a\n\x00", "line 1 not_utf8", "a PNG image"},
		{"a PDF", "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "line 1 not_utf8", "a PDF document"},
	}
	for _, tt := range tests {
		for _, format := range []bulk.Format{bulk.Detect, bulk.NDJSON} {
			t.Run(tt.name+" "+string(format), func(t *testing.T) {
				t.Parallel()
				_, err := bulk.NewReader(strings.NewReader(tt.file), format, bulk.ReaderOptions{})
				fault, ok := errors.AsType[*bulk.FileError](err)
				if !ok || fileError(err) != tt.end || !strings.Contains(fault.Message, tt.advice) {
					t.Errorf("error %v, want %s with %q", err, tt.end, tt.advice)
				}
			})
		}
	}
}
