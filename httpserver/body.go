package httpserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

const acceptPatch = patchType + ", " + jsonType

// checkAccept refuses a request that would not understand the answer, which is always JSON.
func (c *call) checkAccept() error {
	if !acceptsJSON(c.r.Header.Values("Accept")) {
		return &problem{
			code:   codeNotAcceptable,
			detail: "Answers are " + jsonType + ": send Accept: " + jsonType + ", or Accept: */*, or no Accept at all.",
		}
	}
	return nil
}

// acceptsJSON applies RFC 9110, section 12.5.1: the most specific range decides. Parameters of a range but q do not matter here.
func acceptsJSON(values []string) bool {
	accept := strings.Join(values, ",")
	if strings.TrimSpace(accept) == "" || accept == "*/*" || accept == jsonType {
		return true
	}
	best, accepted := 0, false
	for item := range strings.SplitSeq(accept, ",") {
		mediaRange, params, err := mime.ParseMediaType(item)
		if err != nil {
			continue
		}
		specificity := 1 + slices.Index([]string{"*/*", "application/*", jsonType}, mediaRange)
		if specificity > best {
			best, accepted = specificity, !isZeroWeight(params["q"])
		} else if specificity == best && best > 0 {
			accepted = accepted || !isZeroWeight(params["q"])
		}
	}
	return accepted
}

func isZeroWeight(q string) bool {
	weight, err := strconv.ParseFloat(q, 64)
	return err == nil && weight == 0
}

// expectBody bounds the time for a body and lets a refusal go out before the body has come: net/http would otherwise wait for it first.
// Writers that can do neither, as in tests, do without.
func (c *call) expectBody() {
	if c.r.ContentLength == 0 {
		return
	}
	control := http.NewResponseController(c.w)
	_ = control.SetReadDeadline(time.Now().Add(requestDeadline))
	_ = control.EnableFullDuplex()
}

// maxDrain is how much of a refused body is read for the sake of the client, which may not look at the answer before it has sent all.
const maxDrain = 8 << 20

// drain reads on after a refusal: closing a connection on a client that still sends would take the answer from it.
func (c *call) drain() {
	if c.r.ContentLength == 0 || c.r.Header.Get("Expect") != "" || c.bodyRead {
		return
	}
	_ = http.NewResponseController(c.w).Flush()
	_, _ = io.CopyN(io.Discard, c.r.Body, maxDrain)
}

// readBody reads the body of a request that may have one, within its limit.
func (c *call) readBody(e *endpoint) error {
	if e.accepts == nil {
		return nil
	}
	if len(c.r.Header.Values("Content-Encoding")) > 0 {
		c.w.Header().Set("Accept-Encoding", "identity")
		return &problem{code: codeUnsupportedMediaType, detail: "Send the body as it is, without compression and without Content-Encoding."}
	}
	unsupported := c.checkType(e)
	if unsupported != nil && (c.r.ContentLength > 0 || e.method == http.MethodPatch) {
		return unsupported
	}
	if c.r.ContentLength > maxBody {
		return tooLarge()
	}
	if c.r.ContentLength != 0 {
		c.stepAside()
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, maxBody))
	_, large := errors.AsType[*http.MaxBytesError](err)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return context.DeadlineExceeded
	case unsupported != nil && (large || len(body) > 0):
		return unsupported
	case large:
		return tooLarge()
	case err != nil:
		return &problem{code: codeMalformedRequest, detail: "The body could not be read to its end."}
	}
	c.body, c.bodyRead = body, true
	return c.stepBack()
}

// checkType returns what is wrong with the Content-Type, nil if nothing is.
func (c *call) checkType(e *endpoint) error {
	values := c.r.Header.Values("Content-Type")
	if len(values) == 1 && acceptedType(values[0], e.accepts) {
		return nil
	}
	if e.method == http.MethodPatch {
		c.w.Header().Set("Accept-Patch", acceptPatch)
	}
	return &problem{
		code:   codeUnsupportedMediaType,
		detail: fmt.Sprintf("Send the body as %s in UTF-8, with the header Content-Type: %s.", strings.Join(e.accepts, " or "), e.accepts[0]),
	}
}

func acceptedType(value string, accepts []string) bool {
	if slices.Contains(accepts, value) {
		return true
	}
	mediaType, params, err := mime.ParseMediaType(value)
	if err != nil || !slices.Contains(accepts, mediaType) {
		return false
	}
	charset, ok := params["charset"]
	return !ok || strings.EqualFold(charset, "utf-8")
}

func tooLarge() error {
	return &problem{code: codeBodyTooLarge, detail: fmt.Sprintf("The body may have %d bytes; the largest legal customer fits in that.", maxBody)}
}
