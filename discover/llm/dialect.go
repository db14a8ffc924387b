package llm

import (
	"encoding/json"
	"math"
	"strings"

	"github.com/sashabaranov/go-openai"
)

// dialect is the part of the protocol in which servers differ.
type dialect struct {
	limit       limitField
	temperature bool // is sent
	schema      bool // a json_schema response format is asked for
	system      bool // there is a system message; otherwise it opens the user's
}

// limitField is the parameter that bounds a reply.
type limitField uint8

const (
	maxTokensField     limitField = iota // understood by old servers and most local ones
	maxCompletionField                   // the only one that reasoning models take
	noLimitField
)

// replySchema is the form of a reply: what ParseReply reads.
var replySchema = json.RawMessage(`{
 "type": "object",
 "properties": {
  "thought": {"type": "string", "description": "one or two sentences: the idea and why it should help"},
  "name": {"type": "string", "description": "short name in snake_case"},
  "code": {"type": "string", "description": "the complete Go source"}
 },
 "required": ["thought", "name", "code"],
 "additionalProperties": false
}`)

// reasoning reports whether a model reasons by its name: such models take
// neither max_tokens nor a temperature.
func reasoning(model string) bool {
	name := model[strings.LastIndex(model, "/")+1:] // "openai/o3"
	for _, prefix := range []string{"o1", "o3", "o4", "gpt-5", "gpt-6"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// dialect returns what is known of how to ask for a model.
func (c *Client) dialect(model string) dialect {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d, ok := c.dialects[model]; ok {
		return d
	}
	d := dialect{temperature: !reasoning(model), schema: true, system: true}
	if reasoning(model) || c.openAI {
		d.limit = maxCompletionField
	}
	return d
}

// learn remembers a dialect that worked.
func (c *Client) learn(model string, d dialect) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dialects[model] = d
}

// without returns the dialect to try after e, and whether there is another one.
// A server that refuses a request without naming a parameter is asked without
// the schema.
func (d dialect) without(e *Error) (dialect, bool) {
	old := d
	parameter := e.parameter
	if parameter == "" && e.Kind == Refused {
		parameter = "response_format"
	}
	switch parameter {
	case "response_format":
		d.schema = false
	case "system":
		d.system = false
	case "temperature":
		d.temperature = false
	case "max_tokens":
		d.limit = map[limitField]limitField{maxTokensField: maxCompletionField, maxCompletionField: noLimitField, noLimitField: noLimitField}[d.limit]
	case "max_completion_tokens":
		d.limit = map[limitField]limitField{maxTokensField: noLimitField, maxCompletionField: noLimitField, noLimitField: noLimitField}[d.limit]
	}
	return d, d != old
}

// request is a call in a dialect.
func request(call Call, d dialect) openai.ChatCompletionRequest {
	r := openai.ChatCompletionRequest{Model: call.Model}
	for _, m := range d.messages(call.Messages) {
		r.Messages = append(r.Messages, openai.ChatCompletionMessage{Role: m.Role, Content: m.Content})
	}
	switch d.limit {
	case maxTokensField:
		r.MaxTokens = call.MaxOutput
	case maxCompletionField:
		r.MaxCompletionTokens = call.MaxOutput
	}
	if d.temperature && call.Temperature != nil {
		r.Temperature = temperature(*call.Temperature)
	}
	if d.schema {
		r.ResponseFormat = &openai.ChatCompletionResponseFormat{
			Type:       openai.ChatCompletionResponseFormatTypeJSONSchema,
			JSONSchema: &openai.ChatCompletionResponseFormatJSONSchema{Name: "objective", Schema: replySchema, Strict: true},
		}
	}
	return r
}

// messages returns the conversation with or without a system message.
func (d dialect) messages(all []Message) []Message {
	if d.system || len(all) < 2 || all[0].Role != "system" {
		return all
	}
	first := Message{Role: all[1].Role, Content: all[0].Content + "\n" + all[1].Content}
	return append([]Message{first}, all[2:]...)
}

// temperature returns the value to send: go-openai leaves out a 0.
func temperature(t float64) float32 {
	return max(float32(t), math.SmallestNonzeroFloat32)
}
