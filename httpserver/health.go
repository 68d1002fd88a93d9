package httpserver

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"time"
)

//go:embed openapi.json
var openAPI []byte

var openAPITag = func() string {
	sum := sha256.Sum256(openAPI)
	return `"` + hex.EncodeToString(sum[:16]) + `"`
}()

// readyDeadline is how long the store may take to show that it answers.
const readyDeadline = time.Second

// document answers with the contract.
func (s *Server) document(c *call) error {
	c.w.Header().Set("ETag", openAPITag)
	if tags, ok := parseETags(c.r.Header.Values("If-None-Match")); ok && tags.match(openAPITag) {
		c.write(http.StatusNotModified, "", nil)
		return nil
	}
	c.write(http.StatusOK, jsonType, openAPI)
	return nil
}

// alive says that the process runs, whatever becomes of its store.
func (s *Server) alive(c *call) error {
	c.write(http.StatusOK, jsonType, []byte(`{"status":"ok"}`))
	return nil
}

// ready says whether requests can be served.
func (s *Server) ready(c *call) error {
	if s.draining.Load() {
		return &problem{code: codeUnavailable, detail: "The server is stopping."}
	}
	ctx, cancel := context.WithTimeout(c.r.Context(), readyDeadline)
	defer cancel()
	if err := s.check(ctx); err != nil {
		return &problem{code: codeUnavailable, detail: "Not ready: " + err.Error() + "."}
	}
	return s.alive(c)
}

func (s *Server) programVersion(c *call) error {
	body, err := json.Marshal(map[string]string{"version": s.version})
	if err != nil {
		return err
	}
	c.write(http.StatusOK, jsonType, body)
	return nil
}
