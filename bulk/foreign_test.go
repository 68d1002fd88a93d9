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
		{"a JSON object on lines of its own", "{\n  \"name\": \"Ada\"\n}\n", "line 1 malformed", "jq -c ."},
		{"JSON objects on lines of their own, behind a mark", "\xef\xbb\xbf\n { \r\n\"name\": \"Ada\"}\n{\n}\n", "line 2 malformed", "jq -c ."},
		{"a brace and nothing else", "{", "line 1 malformed", "jq -c ."},
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

func TestMappedColumnsOfNDJSON(t *testing.T) {
	t.Parallel()
	for _, format := range []bulk.Format{bulk.Detect, bulk.NDJSON} {
		_, err := bulk.NewReader(strings.NewReader("{\"name\":\"Ada\"}\n"), format, bulk.ReaderOptions{Map: map[string]string{"name": "company"}})
		if fault, ok := errors.AsType[*bulk.FileError](err); !ok || fileError(err) != "line 1 unknown_column" || !strings.Contains(fault.Message, "NDJSON") {
			t.Errorf("%s: error %v, want one that says what cannot be mapped", format, err)
		}
		if _, err := read("{\"name\":\"Ada\"}\n", format, bulk.ReaderOptions{Map: map[string]string{}, RefuseUnknown: true}); err != nil {
			t.Errorf("%s: error %v with nothing mapped", format, err)
		}
	}
}
