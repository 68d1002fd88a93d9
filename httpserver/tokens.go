package httpserver

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"example.com/customer"
)

// Tokens are the bearer tokens (RFC 6750) that a server knows, by their SHA-256 only. A token is 256 random bits, so that its plain hash gives
// nothing away. Tokens is safe for concurrent use.
type Tokens struct {
	principals map[[sha256.Size]byte]Principal
}

// noTenant stands for the tenant without a name in a line of tokens.
const noTenant = "-"

const (
	maxTokenName = 64
	maxTokens    = 1 << 20 // bytes of lines
)

var errNotAuthenticated = errors.New("httpserver: not authenticated")

// ParseTokens reads one token a line, as [NewToken] writes them: name, tenant, scopes joined by commas, SHA-256 in lower-case hex, with spaces
// between. The tenant "-" is the one without a name. Empty lines, and lines that begin with #, are left out. Two tokens may have one name,
// so that a token can be replaced without a gap. Errors name the line and the rule, never what stands there. No token at all is an error.
func ParseTokens(r io.Reader) (*Tokens, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxTokens+1))
	if err != nil {
		return nil, fmt.Errorf("httpserver: tokens: %w", err)
	}
	if len(text) > maxTokens {
		return nil, fmt.Errorf("httpserver: tokens: more than %d bytes", maxTokens)
	}
	t := &Tokens{principals: map[[sha256.Size]byte]Principal{}}
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, maxTokens+1)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if line == "" || line[0] == '#' {
			continue
		}
		sum, principal, err := parseToken(line)
		if _, known := t.principals[sum]; err == nil && known {
			err = errors.New("this token is there already")
		}
		if err != nil {
			return nil, fmt.Errorf("httpserver: tokens: line %d: %w", n, err)
		}
		t.principals[sum] = principal
	}
	if len(t.principals) == 0 {
		return nil, errors.New("httpserver: tokens: there is none")
	}
	return t, nil
}

func parseToken(line string) (sum [sha256.Size]byte, p Principal, err error) {
	fields := strings.Fields(line)
	if len(fields) != 4 {
		return sum, p, errors.New("a line is name, tenant, scopes and SHA-256, with spaces between")
	}
	p.Name, p.Tenant = fields[0], fields[1]
	if p.Tenant == noTenant {
		p.Tenant = ""
	}
	for scope := range strings.SplitSeq(fields[2], ",") {
		p.Scopes = append(p.Scopes, Scope(scope))
	}
	if err := p.validate(); err != nil {
		return sum, p, err
	}
	digits := fields[3]
	if n, err := hex.Decode(sum[:], []byte(digits[:min(len(digits), 2*len(sum))])); err != nil || n != len(sum) || len(digits) != 2*n || strings.ToLower(digits) != digits {
		return sum, p, errors.New("the last field is the SHA-256 of the token in 64 lower-case hex digits, never the token itself")
	}
	return sum, p, nil
}

// validate holds the principal of a token to what its line can say.
func (p Principal) validate() error {
	unsafe := func(r rune) bool { return unsafeInID(r) }
	if p.Name == "" || len(p.Name) > maxTokenName || p.Name[0] == '#' || strings.IndexFunc(p.Name, unsafe) >= 0 {
		return fmt.Errorf("a name is 1 to %d of A-Z, a-z, 0-9 and -_.:~+/=", maxTokenName)
	}
	if p.Tenant != "" && customer.CheckTenant(p.Tenant) != nil {
		return errors.New("a tenant is 1 to 63 of a-z, 0-9, _ and -, a letter or digit first, or - for the one without a name")
	}
	scopes := []Scope{ScopeRead, ScopeWrite, ScopeErase}
	if len(p.Scopes) == 0 || slices.ContainsFunc(p.Scopes, func(s Scope) bool { return !slices.Contains(scopes, s) }) {
		return errors.New("scopes are read, write and erase, joined by commas")
	}
	return nil
}

// NewToken makes a token for p: the secret, which is to be given to the client and kept nowhere, and the line for [ParseTokens].
func NewToken(p Principal) (secret, line string, err error) {
	if err := p.validate(); err != nil {
		return "", "", fmt.Errorf("httpserver: token: %w", err)
	}
	random := make([]byte, 32)
	rand.Read(random)
	secret = base64.RawURLEncoding.EncodeToString(random)
	sum := sha256.Sum256([]byte(secret))
	scopes := make([]string, len(p.Scopes))
	for i, s := range p.Scopes {
		scopes[i] = string(s)
	}
	tenant := p.Tenant
	if tenant == "" {
		tenant = noTenant
	}
	return secret, fmt.Sprintf("%s %s %s %x", p.Name, tenant, strings.Join(scopes, ","), sum), nil
}

// Authenticate returns the principal of the request's token. It is made for [WithAuthenticator].
func (t *Tokens) Authenticate(r *http.Request) (Principal, error) {
	values := r.Header.Values("Authorization")
	if len(values) != 1 {
		return Principal{}, errNotAuthenticated
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return Principal{}, errNotAuthenticated
	}
	// How long looking up a hash takes tells nothing of the token it is made of.
	p, ok := t.principals[sha256.Sum256([]byte(token))]
	if !ok {
		return Principal{}, errNotAuthenticated
	}
	return p, nil
}

// Tenants returns the tenants that have a token, in order, the one without a name as the empty string.
func (t *Tokens) Tenants() []string {
	var tenants []string
	for _, p := range t.principals {
		tenants = append(tenants, p.Tenant)
	}
	slices.Sort(tenants)
	return slices.Compact(tenants)
}
