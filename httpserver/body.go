package httpserver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

const acceptPatch = patchType + ", " + jsonType

// checkAccept refuses a request that would not understand the answer. Most answers are always JSON; those with another offer are streams, whose form
// the parameter format can name too.
func (c *call) checkAccept(e *endpoint) error {
	accept := c.r.Header.Values("Accept")
	offers := e.offers
	if offers == nil {
		if accepts(accept, jsonType) > 0 {
			return nil
		}
		return notAcceptable(jsonType)
	}
	best := 0.0
	for _, offer := range offers {
		if weight := accepts(accept, offer); weight > best {
			best, c.negotiated = weight, offer
		}
	}
	if best == 0 && !c.r.URL.Query().Has("format") {
		return notAcceptable(offers...)
	}
	return nil
}

func notAcceptable(offers ...string) error {
	return &problem{
		code: codeNotAcceptable,
		detail: fmt.Sprintf("Answers are %s: send Accept: %s, or Accept: */*, or no Accept at all.",
			strings.Join(offers, " or "), offers[0]),
	}
}

// accepts returns the weight that a media type has by RFC 9110, section 12.5.1: the most specific range decides. Parameters of a range but q do not
// matter here.
func accepts(values []string, mediaType string) (weight float64) {
	accept := strings.Join(values, ",")
	if strings.TrimSpace(accept) == "" || accept == "*/*" || accept == mediaType {
		return 1
	}
	kind, _, _ := strings.Cut(mediaType, "/")
	best := 0
	for item := range strings.SplitSeq(accept, ",") {
		mediaRange, params, err := mime.ParseMediaType(item)
		if err != nil {
			continue
		}
		specificity := 1 + slices.Index([]string{"*/*", kind + "/*", mediaType}, mediaRange)
		if specificity > best {
			best, weight = specificity, weightOf(params["q"])
		} else if specificity == best && best > 0 {
			weight = max(weight, weightOf(params["q"]))
		}
	}
	return weight
}

// weightOf reads the weight of a range, 1 if it has none that can be read.
func weightOf(q string) float64 {
	weight, err := strconv.ParseFloat(q, 64)
	if err != nil || weight < 0 || weight > 1 {
		return 1
	}
	return weight
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

// maxDrain is how much of a refused body is read for the sake of the client, which may not look at the answer before it has sent all: more than the
// largest that is accepted.
const maxDrain = 24 << 20

// drain reads on after a refusal: closing a connection on a client that still sends would take the answer from it. A stream of HTTP/2 ends by
// itself, and its client may wait for that end, sending no more.
func (c *call) drain() {
	if c.r.ProtoMajor > 1 || c.r.ContentLength == 0 || c.r.Header.Get("Expect") != "" || c.bodyRead {
		return
	}
	_ = http.NewResponseController(c.w).Flush()
	_, err := io.CopyN(io.Discard, c.r.Body, maxDrain)
	var network *net.OpError
	if errors.As(err, &network) && !network.Timeout() {
		// The answer is out and the connection broken. To leave it to net/http, which reads the body once more, has it panic: in full duplex it
		// does not expect a body to end there.
		panic(http.ErrAbortHandler)
	}
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
	limit := cmp.Or(e.maxBody, maxBody)
	if c.r.ContentLength > limit {
		return tooLarge(e)
	}
	if e.offers != nil {
		c.r.Body = progressReader{c.r.Body, c.progress}
	}
	if c.r.ContentLength != 0 {
		c.stepAside()
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, limit))
	_, large := errors.AsType[*http.MaxBytesError](err)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return context.DeadlineExceeded
	case unsupported != nil && (large || len(body) > 0):
		return unsupported
	case large:
		return tooLarge(e)
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

func tooLarge(e *endpoint) error {
	detail := fmt.Sprintf("The body may have %d bytes here, in which the largest legal customer fits.", maxBody)
	if e.maxBody > 0 {
		detail = fmt.Sprintf("The body may have %d bytes here: send the rows in parts.", e.maxBody)
	}
	return &problem{code: codeBodyTooLarge, detail: detail}
}
