package httpserver

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"html/template"
	"net/http"
	"sync"
)

//go:embed docs.html
var docsHTML string

//go:embed docs.css
var docsCSS string

// docsBase stands in the rendered page where the base URL of the server comes: .invalid is no one's (RFC 2606).
const docsBase = "http://server.invalid"

// docsPage is the contract page, rendered once: a request only puts its base URL in.
type docsPage struct {
	parts  [][]byte // what stands between the base URLs
	digest [sha256.Size]byte
	policy string
}

var loadDocs = sync.OnceValues(func() (docsPage, error) {
	view, err := newDocsView(openAPI)
	if err != nil {
		return docsPage{}, err
	}
	page, err := template.New("docs").Funcs(template.FuncMap{"text": parseText}).Parse(docsHTML)
	if err != nil {
		return docsPage{}, err
	}
	var out bytes.Buffer
	if err := page.Execute(&out, view); err != nil {
		return docsPage{}, err
	}
	style := sha256.Sum256([]byte(docsCSS))
	return docsPage{
		parts:  bytes.Split(out.Bytes(), []byte(docsBase)),
		digest: sha256.Sum256(out.Bytes()),
		policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(style[:]) +
			"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
	}, nil
})

// docs answers with the contract as a page for people. It is HTML whatever Accept says.
func (s *Server) docs(c *call) error {
	page, err := loadDocs()
	if err != nil {
		return err
	}
	base := c.baseURL()
	tag := page.tag(base)
	header := c.w.Header()
	header.Set("Cache-Control", "no-cache")
	header.Set("Content-Security-Policy", page.policy)
	header.Set("ETag", tag)
	if tags, ok := parseETags(c.r.Header.Values("If-None-Match")); ok && tags.match(tag) {
		c.write(http.StatusNotModified, "", nil)
		return nil
	}
	c.write(http.StatusOK, "text/html; charset=utf-8", page.at(base))
	return nil
}

func (p docsPage) at(base string) []byte {
	return bytes.Join(p.parts, []byte(template.HTMLEscapeString(base)))
}

func (p docsPage) tag(base string) string {
	sum := sha256.Sum256(append(p.digest[:], base...))
	return `"` + hex.EncodeToString(sum[:16]) + `"`
}
