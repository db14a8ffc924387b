package llm

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sashabaranov/go-openai"
)

// FuzzDecodeReply checks that any body gives a reply or a reason, that go-openai
// reads what is made of the reply, and that a stream of a reply's chunks is that
// reply.
func FuzzDecodeReply(f *testing.F) {
	for _, body := range []string{
		`{"choices":[{"index":0,"message":{"content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":20,"completion_tokens":10}}`,
		`{"choices":[{"message":{"content":[{"type":"text","text":"a"},{"text":"b"}]}}],"usage":{"prompt_tokens":-5,"completion_tokens":1e99}}`,
		`{"choices":[{"message":{"content":null,"reasoning_content":"x"},"finish_reason":7}]}`,
		`{"choices":[{"text":"x","error":{"code":502}}],"error":"boom","model":3}`,
		"data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: {\"choices\":[{\"index\":\"0\",\"delta\":{\"content\":\"b\"}}]}\r\n: ping\ndata: [DONE]\n",
		"\ufeff{}", "event: x\n", "<html>", `{"choices":null}`, `[]`, "data:", `{"choices":[{"index":1}]}{"a":`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		reply, err := decodeReply(body)
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without a reason")
			}
			return
		}
		if reply.input < 0 || reply.input > maxTokens || reply.output < 0 || reply.output > maxTokens {
			t.Errorf("%d and %d tokens", reply.input, reply.output)
		}
		var read openai.ChatCompletionResponse
		if err := json.Unmarshal(reply.openAI(), &read); err != nil {
			t.Fatalf("go-openai: %v", err)
		}
		if len(read.Choices) != 1 || read.Usage.PromptTokens != reply.input || read.Choices[0].Message.Content != strings.ToValidUTF8(reply.text, "�") {
			t.Errorf("go-openai reads %+v from %+v", read, reply)
		}
		var line json.RawMessage // of JSON, as one chunk
		if json.Unmarshal(body, &line) != nil {
			return
		}
		compact, err := json.Marshal(line)
		if err != nil {
			return
		}
		streamed, err := decodeReply([]byte("data: " + string(compact) + "\n\ndata: [DONE]\n\n"))
		if err != nil || streamed.text != reply.text || streamed.finish != reply.finish || streamed.input != reply.input || streamed.output != reply.output {
			t.Errorf("as a stream it is %+v, %v, else %+v", streamed, err, reply)
		}
	})
}

// FuzzComplain checks that any body of an error becomes an error with a kind and a
// hint, whose text is one bounded line without the key, and that what will not
// change is not asked again.
func FuzzComplain(f *testing.F) {
	const secret = "sk-0123456789abcdef"
	for _, body := range []string{
		`{"error":{"message":"Incorrect API key provided: ` + secret + `","code":"invalid_api_key"}}`,
		`{"error":"boom","code":500}`, `[{"error":{"status":"X"}}]`, `[[[{"detail":[{"msg":"x"}]}]]]`, `{"error":{"error":{"error":"deep"}}}`,
		"<html><title>502 Bad\nGateway</title>", "data: {\"error\":null}", "plain \x1b[31m text", `{"message":"unsupported 'max_tokens'","param":"max_tokens"}`,
		`{"error":{"message":"maximum context length"}}`, "", "[", "data:data:data:",
	} {
		f.Add([]byte(body), 400)
		f.Add([]byte(body), 503)
	}
	scrub := newScrubber(secret, &url.URL{})
	f.Fuzz(func(t *testing.T, body []byte, status int) {
		status = 100 + (status%500+500)%500
		e := classify(status, complain(body))
		e.Reason = scrub.line(e.Reason)
		switch {
		case e.Kind == "" || e.Hint == "" || e.Status != status:
			t.Errorf("error %#v", e)
		case len(e.Reason) > maxReason+len(" …") || strings.ContainsAny(e.Reason, "\n\r\x1b") || !utf8.ValidString(e.Reason):
			t.Errorf("reason %q", e.Reason)
		case strings.Contains(e.Error(), secret):
			t.Errorf("the key is in %q", e.Error())
		case e.retry && e.Kind != ServerFault && e.Kind != RateLimited:
			t.Errorf("%q is asked again", e.Kind)
		}
		if s := faultStatus(body); s < 400 || s > 599 {
			t.Errorf("status %d", s)
		}
	})
}
