package httpserver_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"example.com/customer"
	"example.com/customer/httpserver"
)

// contractPage is /docs as a reader of HTML sees it.
type contractPage struct {
	source string
	nodes  []*html.Node
	byID   map[string]*html.Node
}

func docsOf(t *testing.T, a api, headers ...string) contractPage {
	t.Helper()
	got := a.in(t).send("GET", "/docs", "", headers...).want(200)
	root, err := html.Parse(strings.NewReader(string(got.body)))
	if err != nil {
		t.Fatal(err)
	}
	page := contractPage{source: string(got.body), byID: map[string]*html.Node{}}
	for node := range root.Descendants() {
		if node.Type != html.ElementNode {
			continue
		}
		page.nodes = append(page.nodes, node)
		if id := attribute(node, "id"); id != "" {
			if page.byID[id] != nil {
				t.Errorf("the id %s is given twice", id)
			}
			page.byID[id] = node
		}
	}
	return page
}

func (p contractPage) elements(name string) []*html.Node {
	return slices.DeleteFunc(slices.Clone(p.nodes), func(n *html.Node) bool { return n.Data != name })
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for node := range n.Descendants() {
		if node.Type == html.TextNode {
			b.WriteString(node.Data)
		}
	}
	return b.String()
}

func TestThePageHasASectionForEveryOperation(t *testing.T) {
	t.Parallel()
	page := docsOf(t, open(t))
	for path, item := range theContract(t).doc.Paths.Map() {
		for method, operation := range item.Operations() {
			section := page.byID[operation.OperationID]
			if section == nil {
				t.Errorf("%s %s has no section", method, path)
				continue
			}
			text := textOf(section)
			for _, want := range []string{method, path, operation.Summary, "curl "} {
				if !strings.Contains(text, want) {
					t.Errorf("the section of %s %s lacks %q", method, path, want)
				}
			}
			if method == "HEAD" {
				continue
			}
			for status := range operation.Responses.Map() {
				if !strings.Contains(text, status) {
					t.Errorf("%s %s: the status %s is missing", method, path, status)
				}
			}
			for _, parameter := range operation.Parameters {
				if !strings.Contains(text, parameter.Value.Name) {
					t.Errorf("%s %s: the parameter %s is missing", method, path, parameter.Value.Name)
				}
			}
		}
	}
}

func TestThePageHasEveryCodeSchemaAndHeader(t *testing.T) {
	t.Parallel()
	page, components := docsOf(t, open(t)), theContract(t).doc.Components
	for code := range httpserver.Codes() {
		if row := page.byID["code-"+code]; row == nil || len(textOf(row)) < len(code)+20 {
			t.Errorf("the code %s is not explained", code)
		}
	}
	for _, code := range components.Schemas["FieldFault"].Value.Properties["code"].Value.Enum {
		if row := page.byID["field-"+code.(string)]; row == nil || len(textOf(row)) < len(code.(string))+20 {
			t.Errorf("the field code %s is not explained", code)
		}
	}
	for name, schema := range components.Schemas {
		section := page.byID["schema-"+name]
		if section == nil {
			t.Errorf("the schema %s is missing", name)
			continue
		}
		members := maps.Clone(schema.Value.Properties)
		if items := schema.Value.Items; items != nil && items.Ref == "" {
			members = items.Value.Properties
		}
		for member := range members {
			if !strings.Contains(textOf(section), member) {
				t.Errorf("the schema %s lacks its member %s", name, member)
			}
		}
	}
	for name := range components.Headers {
		if page.byID["header-"+name] == nil {
			t.Errorf("the header %s is missing", name)
		}
	}
}

func TestEveryLinkOfThePageLeadsSomewhere(t *testing.T) {
	t.Parallel()
	a := open(t)
	page := docsOf(t, a)
	linked := map[string]bool{}
	for _, link := range page.elements("a") {
		target := attribute(link, "href")
		id, within := strings.CutPrefix(target, "#")
		switch {
		case within && page.byID[id] == nil:
			t.Errorf("%q leads nowhere", target)
		case !within:
			a.do("GET", target, "").want(200)
		}
		if attribute(link, "class") == "self" {
			linked[id] = true
		}
	}
	for _, section := range slices.Concat(page.elements("section"), page.elements("article")) {
		if id := attribute(section, "id"); id == "" || !linked[id] {
			t.Errorf("the section %q has no link to itself", id)
		}
	}
}

func TestThePageRunsAndLoadsNothing(t *testing.T) {
	t.Parallel()
	for _, node := range docsOf(t, open(t)).nodes {
		if slices.Contains([]string{"script", "link", "img", "iframe", "object", "embed", "base", "form", "svg", "video", "audio"}, node.Data) {
			t.Errorf("there is a <%s>", node.Data)
		}
		for _, a := range node.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src" || a.Key == "srcset" {
				t.Errorf("<%s> has the attribute %s", node.Data, a.Key)
			}
			if a.Key == "href" && !strings.HasPrefix(a.Val, "#") && a.Val != "/openapi.json" {
				t.Errorf("there is a link to %s", a.Val)
			}
		}
		if text := textOf(node); node.Data == "style" && (strings.Contains(text, "url(") || strings.Contains(text, "@import")) {
			t.Error("the style loads something")
		}
	}
}

func TestThePolicyOfThePageAllowsItsStyleAlone(t *testing.T) {
	t.Parallel()
	a := open(t)
	styles := docsOf(t, a).elements("style")
	if len(styles) != 1 {
		t.Fatalf("got %d styles, want one", len(styles))
	}
	sum := sha256.Sum256([]byte(textOf(styles[0])))
	want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	got := a.do("GET", "/docs", "").want(200).header
	if diff := cmp.Diff(want, got.Get("Content-Security-Policy")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := got.Get("Content-Type"); got != "text/html; charset=utf-8" {
		t.Errorf("got the type %s", got)
	}
}

func TestHeadingsOfThePageNestWithoutGaps(t *testing.T) {
	t.Parallel()
	level := 0
	for _, node := range docsOf(t, open(t)).nodes {
		if !regexp.MustCompile(`^h[1-6]$`).MatchString(node.Data) {
			continue
		}
		next := int(node.Data[1] - '0')
		if next > level+1 || next == 1 && level > 0 {
			t.Errorf("%s follows h%d: %s", node.Data, level, textOf(node))
		}
		level = next
	}
	if level == 0 {
		t.Error("there are no headings")
	}
}

func TestThePageIsKeptUntilItChanges(t *testing.T) {
	t.Parallel()
	a := open(t)
	got := a.send("GET", "/docs", "", "Accept: application/json").want(200)
	tag := got.header.Get("ETag")
	if got.header.Get("Cache-Control") != "no-cache" {
		t.Errorf("got Cache-Control %q", got.header.Get("Cache-Control"))
	}
	for _, method := range []string{"GET", "HEAD"} {
		a.send(method, "/docs", "", "If-None-Match: "+tag).want(304)
		a.send(method, "/docs", "", `If-None-Match: "another"`).want(200)
	}
	head := a.send("HEAD", "/docs", "").want(200)
	if head.header.Get("ETag") != tag || head.header.Get("Content-Length") != got.header.Get("Content-Length") {
		t.Errorf("HEAD has the headers %v, GET %v", head.header, got.header)
	}
	a.send("GET", "/docs", "", "If-None-Match: "+tag, "Host: other.example").want(200)
}

func TestOnlyAHostGetsIntoThePage(t *testing.T) {
	t.Parallel()
	a := open(t)
	if page := docsOf(t, a, "Host: [2001:db8::1]:8443"); !strings.Contains(page.source, "http://[2001:db8::1]:8443/v1/customers") {
		t.Error("the examples do not name the host that was asked")
	}
	plain := docsOf(t, a, "Host: localhost:8080").source
	for _, host := range []string{
		`"><script>alert(1)</script>`, "a' -o /etc/passwd '", "a;reboot", "$(reboot)", "`reboot`", "a b", "a/b", "a&amp;b", "a\\b", "ä.example", strings.Repeat("a", 300), "",
	} {
		t.Run("the host "+host, func(t *testing.T) {
			t.Parallel()
			got := a.in(t).do("GET", "/docs?q=<script>", "", "Host: "+host, "X-Request-Id: <script>", "Referer: <script>").want(200)
			if string(got.body) != plain {
				t.Errorf("the page depends on the request:\n%s", cmp.Diff(plain, string(got.body)))
			}
		})
	}
}

func TestTheExamplesOfTheDocumentAreJSONOnThePage(t *testing.T) {
	t.Parallel()
	shown := 0
	for _, pre := range docsOf(t, open(t)).elements("pre") {
		if text := textOf(pre); strings.HasPrefix(text, "{") {
			if shown++; !json.Valid([]byte(text)) {
				t.Errorf("not JSON:\n%s", text)
			}
		}
	}
	if shown < 4 {
		t.Errorf("only %d examples are shown", shown)
	}
}

func TestEveryLimitOfAFieldIsOnThePage(t *testing.T) {
	t.Parallel()
	page := docsOf(t, open(t))
	units := map[customer.Unit]string{customer.Runes: "characters", customer.Bytes: "characters", customer.Items: "(items|members)"}
	for _, limit := range customer.Limits() {
		field, _, bytes := strings.Cut(limit.Name, " ")
		want := fmt.Sprintf(`at most %s %s`, grouped(limit.Max), units[limit.Unit])
		if bytes {
			want = fmt.Sprintf(`%d KiB`, limit.Max>>10)
		}
		for _, operation := range []string{"createCustomer", "updateCustomer"} {
			row := rowOf(page.byID[operation], strings.TrimRight(field, "[]{}"))
			if row == nil || !regexp.MustCompile(want).MatchString(textOf(row)) {
				t.Errorf("%s: %s has no limit %q", operation, limit.Name, want)
			}
		}
	}
}

// grouped writes a number as people read it.
func grouped(n int) string {
	if n >= 1000 {
		return fmt.Sprintf("%d,%03d", n/1000, n%1000)
	}
	return strconv.Itoa(n)
}

// rowOf returns the row of a table that has the name, or nil.
func rowOf(section *html.Node, name string) *html.Node {
	for node := range section.Descendants() {
		if words := strings.Fields(textOf(node)); node.Data == "th" && len(words) > 0 && words[0] == name {
			return node.Parent
		}
	}
	return nil
}

func TestThePageTellsRequiredMembersFromOthers(t *testing.T) {
	t.Parallel()
	page := docsOf(t, open(t))
	for name, schema := range theContract(t).doc.Components.Schemas {
		for member := range schema.Value.Properties {
			row := rowOf(page.byID["schema-"+name], member)
			if row == nil {
				continue // of the many filters of a form, some share a row
			}
			if want, got := slices.Contains(schema.Value.Required, member), strings.Contains(textOf(row), "required"); got != want {
				t.Errorf("%s.%s: required is %t, want %t", name, member, got, want)
			}
		}
	}
}

func TestTheMarksOfDescriptionsBecomeMarkup(t *testing.T) {
	t.Parallel()
	page := docsOf(t, open(t))
	versions := page.byID["about-versions"]
	if versions == nil || !slices.ContainsFunc(slices.Collect(versions.Descendants()), func(n *html.Node) bool { return n.Data == "code" && textOf(n) == "If-Match" }) {
		t.Error("the introduction to versions has no If-Match in code")
	}
	for _, node := range page.nodes {
		for child := range node.ChildNodes() {
			if child.Type == html.TextNode && node.Data != "code" && node.Data != "span" && node.Data != "style" && regexp.MustCompile("`|\\*\\*|^- ").MatchString(child.Data) {
				t.Errorf("a mark is left in %q", child.Data)
			}
		}
	}
}
