package httpserver

import "strings"

// textBlock is a paragraph or, with items, a list.
type textBlock struct {
	Spans []textSpan
	Items [][]textSpan
}

type textSpan struct {
	Text         string
	Code, Strong bool
}

// parseText reads the few marks of CommonMark that the document's descriptions use: paragraphs, lists with hyphens, `code` and **strong**.
// Anything else is text.
func parseText(s string) []textBlock {
	var blocks []textBlock
	for paragraph := range strings.SplitSeq(s, "\n\n") {
		var block textBlock
		for line := range strings.SplitSeq(strings.TrimSpace(paragraph), "\n") {
			item, isItem := strings.CutPrefix(line, "- ")
			switch {
			case isItem:
				block.Items = append(block.Items, parseSpans(item))
			case line == "":
			case len(block.Items) > 0:
				last := len(block.Items) - 1
				block.Items[last] = append(block.Items[last], parseSpans(" "+line)...)
			default:
				if block.Spans != nil {
					line = " " + line
				}
				block.Spans = append(block.Spans, parseSpans(line)...)
			}
		}
		if block.Spans != nil || block.Items != nil {
			blocks = append(blocks, block)
		}
	}
	return blocks
}

func parseSpans(s string) []textSpan {
	var spans []textSpan
	for i, part := range strings.Split(s, "`") {
		if i%2 == 1 {
			spans = append(spans, textSpan{Text: part, Code: true})
			continue
		}
		for j, piece := range strings.Split(part, "**") {
			if piece != "" {
				spans = append(spans, textSpan{Text: piece, Strong: j%2 == 1})
			}
		}
	}
	return spans
}

// docsTopic is a part of the introduction with a heading.
type docsTopic struct {
	ID, Title string
	Text      []textBlock
}

// topics parts a text where a paragraph begins with a strong title, as in "**Limits.** Bodies …"; what stands before the first is lead.
func topics(s string) (lead []textBlock, topics []docsTopic) {
	for _, block := range parseText(s) {
		if len(block.Spans) > 0 && block.Spans[0].Strong {
			title := strings.TrimSuffix(block.Spans[0].Text, ".")
			topics = append(topics, docsTopic{ID: "about-" + slug(title), Title: title})
			if block.Spans = block.Spans[1:]; len(block.Spans) == 0 && block.Items == nil {
				continue
			}
		}
		if len(topics) == 0 {
			lead = append(lead, block)
			continue
		}
		last := &topics[len(topics)-1]
		last.Text = append(last.Text, block)
	}
	return lead, topics
}

// slug returns a title as a part of an anchor.
func slug(title string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(title)), "-")
}
