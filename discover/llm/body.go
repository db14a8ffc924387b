package llm

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// completion is what a server's reply comes down to.
type completion struct {
	text   string
	finish string // finish reason, "" if the server gave none
	model  string
	input  int // tokens, 0 if the server did not say
	output int
	fault  json.RawMessage // an error inside a reply with status 200
}

// empty reports whether the reply says nothing and cost nothing.
func (c completion) empty() bool {
	return strings.TrimSpace(c.text) == "" && c.input == 0 && c.output == 0 && c.finish != "content_filter"
}

// wireReply is a chat completion, or one chunk of it, as servers send it. Every
// field is decoded by itself, because servers differ in each.
type wireReply struct {
	Model   json.RawMessage `json:"model"`
	Choices wireChoices     `json:"choices"`
	Usage   json.RawMessage `json:"usage"`
	Error   json.RawMessage `json:"error"`
}

// wireChoices is the first choices of a reply, of which one was asked for: 4 MiB of
// them would take a GiB of memory.
type wireChoices []wireChoice

const maxChoices = 16

func (c *wireChoices) UnmarshalJSON(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	switch start, err := dec.Token(); {
	case err != nil, start == nil:
		return err
	case start != json.Delim('['):
		return errors.New("choices are no list")
	}
	for dec.More() && len(*c) < maxChoices {
		var choice wireChoice
		if err := dec.Decode(&choice); err != nil {
			return err
		}
		*c = append(*c, choice)
	}
	return nil
}

type wireChoice struct {
	Message wireMessage     `json:"message"`
	Delta   wireMessage     `json:"delta"` // of a stream
	Text    json.RawMessage `json:"text"`  // of old servers
	Finish  json.RawMessage `json:"finish_reason"`
	Error   json.RawMessage `json:"error"`
	Index   json.RawMessage `json:"index"`
}

type wireMessage struct {
	Content      json.RawMessage `json:"content"`
	Refusal      json.RawMessage `json:"refusal"`
	Reasoning    json.RawMessage `json:"reasoning"`         // of newer servers
	OldReasoning json.RawMessage `json:"reasoning_content"` // and of older ones
}

// text is the content; where there is none, the refusal or the reasoning, since
// some servers file the whole reply there.
func (m wireMessage) text() (content, instead string) {
	content = plain(m.Content)
	if bytes.HasPrefix(m.Content, []byte("{")) {
		content = string(m.Content) // of servers that read the JSON of a reply by themselves
	}
	return content, cmp.Or(plain(m.Refusal), plain(m.Reasoning), plain(m.OldReasoning))
}

// decodeReply reads a chat completion: JSON, or a stream of server-sent events
// whether or not one was asked for.
func decodeReply(body []byte) (completion, error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	for _, prefix := range []string{"data:", "event:", "id:", "retry:", ":"} {
		if bytes.HasPrefix(body, []byte(prefix)) {
			return decodeStream(body)
		}
	}
	// The first value counts: some servers append to it.
	var w wireReply
	if err := json.NewDecoder(bytes.NewReader(body)).Decode(&w); err != nil {
		return completion{}, err
	}
	a := assembly{}
	a.add(w)
	return a.completion(), nil
}

// decodeStream joins the chunks of a stream. It may end without [DONE].
func decodeStream(body []byte) (completion, error) {
	a, chunks := assembly{}, 0
	for line := range bytes.Lines(body) {
		data, ok := bytes.CutPrefix(bytes.TrimSpace(line), []byte("data:"))
		if data = bytes.TrimSpace(data); !ok || len(data) == 0 || string(data) == "[DONE]" {
			continue
		}
		var w wireReply
		if err := json.Unmarshal(data, &w); err != nil {
			return completion{}, fmt.Errorf("chunk %d of the stream: %w", chunks+1, err)
		}
		chunks++
		a.add(w)
	}
	if chunks == 0 {
		return completion{}, errors.New("a stream without data")
	}
	return a.completion(), nil
}

// assembly is a reply in the making.
type assembly struct {
	reply            completion
	content, instead strings.Builder
}

func (a *assembly) add(w wireReply) {
	if model := plain(w.Model); model != "" {
		a.reply.model = model
	}
	if present(w.Error) {
		a.reply.fault = w.Error
	}
	var usage struct {
		Input  float64 `json:"prompt_tokens"`
		Output float64 `json:"completion_tokens"`
	}
	if present(w.Usage) && json.Unmarshal(w.Usage, &usage) == nil {
		a.reply.input, a.reply.output = tokens(usage.Input), tokens(usage.Output)
	}
	for i, c := range w.Choices {
		if cmp.Or(plain(c.Index), strconv.Itoa(i)) == "0" {
			a.choose(c) // a server that ignores n may send more
		}
	}
}

func (a *assembly) choose(c wireChoice) {
	if present(c.Error) {
		a.reply.fault = c.Error
	}
	for _, m := range []wireMessage{c.Message, c.Delta, {Content: c.Text}} {
		content, instead := m.text()
		a.content.WriteString(content)
		a.instead.WriteString(instead)
	}
	if finish := plain(c.Finish); finish != "" {
		a.reply.finish = finish
	}
}

func (a *assembly) completion() completion {
	a.reply.text = a.content.String()
	if strings.TrimSpace(a.reply.text) == "" {
		a.reply.text = a.instead.String()
	}
	return a.reply
}

// maxTokens bounds a believable count of tokens.
const maxTokens = 1 << 30

func tokens(n float64) int {
	if !(n > 0) {
		return 0
	}
	return int(min(n, maxTokens))
}

func present(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

// plain returns a JSON string, a number as it is written, or the text parts of a
// list of parts; "" for anything else.
func plain(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var number json.Number
	if json.Unmarshal(raw, &number) == nil {
		return number.String()
	}
	var parts []struct {
		Text string `json:"text"`
	}
	if json.Unmarshal(raw, &parts) != nil {
		return ""
	}
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p.Text)
	}
	return b.String()
}

// openAI encodes the reply as go-openai reads it.
func (c completion) openAI() []byte {
	type object = map[string]any
	data, err := json.Marshal(object{
		"model": c.model,
		"choices": []object{{
			"message":       object{"role": "assistant", "content": c.text},
			"finish_reason": c.finish,
		}},
		"usage": object{"prompt_tokens": c.input, "completion_tokens": c.output, "total_tokens": c.input + c.output},
	})
	if err != nil {
		panic(err) // plain data
	}
	return data
}
