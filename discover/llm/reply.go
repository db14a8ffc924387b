package llm

import (
	"fmt"
	"strings"
)

// Bounds of what a reply may hold, in bytes.
const (
	maxReply   = 128 << 10 // without what a model thinks aloud
	maxThought = 1000
	maxName    = 48
)

// Answer is what a model proposes.
type Answer struct {
	Thought string // one line, "" if the model gave none
	Name    string // snake case, "unnamed" if the model gave none
	Code    string // Go source as the model wrote it, not yet checked, not empty
}

// ReplyError says why no answer can be read from a reply, worded for the model.
type ReplyError struct {
	Reason    string
	Hint      string
	Truncated bool // the reply ended early, or the prompt left it no room
}

// Error returns the reason.
func (e *ReplyError) Error() string { return e.Reason }

const formatHint = `answer with one JSON object with the fields "thought", "name" and "code", and nothing else; "code" is the complete Go source as a JSON string`

// ParseReply reads the answer from a reply and the server's finish reason. It
// takes JSON alone or among prose, in a fence, with line breaks and unescaped
// quotes in strings, or cut off after the code; else a fenced block or bare Go
// source. Of several answers the last one counts: models draft first. The error
// is a *ReplyError.
func ParseReply(text, finish string) (Answer, error) {
	text, thinking := afterReasoning(text)
	if len(text) > maxReply {
		return Answer{}, &ReplyError{Reason: fmt.Sprintf("the reply has %d bytes, at most %d are read", len(text), maxReply), Hint: formatHint}
	}
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "�"), "\r\n", "\n")
	if strings.TrimSpace(text) == "" || thinking {
		return Answer{}, silence(finish, thinking)
	}
	found := objects(text, isAnswer)
	var hint Answer // thought and name of an object whose code stands elsewhere
	truncated := finish == "length"
	for i := len(found) - 1; i >= 0; i-- {
		a := answerOf(found[i])
		if found[i].truncated {
			truncated = true
			a.Code = whole(a.Code)
		}
		if definesLoss(a.Code) {
			return a, nil
		}
		if hint.Name == "" {
			hint = a
		}
	}
	if a, ok := fromSource(text, hint); ok {
		return a, nil
	}
	if hint.Code != "" {
		return hint, nil // the checker will say what is wrong with it
	}
	return Answer{}, unreadable(text, len(found) > 0, truncated)
}

// afterReasoning drops what a reasoning model thinks aloud before it answers.
// thinking says that it never stopped.
func afterReasoning(text string) (rest string, thinking bool) {
	const open, closing = "<think>", "</think>"
	if i := strings.LastIndex(text, closing); i >= 0 {
		return text[i+len(closing):], false
	}
	return text, strings.HasPrefix(strings.TrimSpace(text), open)
}

// silence is the error of a reply without an answer.
func silence(finish string, thinking bool) *ReplyError {
	switch {
	case finish == "content_filter":
		return &ReplyError{Reason: "the server's content filter withheld the reply", Hint: "word it differently"}
	case finish == finishTooLarge:
		return &ReplyError{Reason: "the reply is larger than 4 MiB", Hint: formatHint, Truncated: true}
	case thinking || finish == "length":
		return &ReplyError{Reason: "the reply ended before the answer began", Hint: "think less, answer sooner", Truncated: true}
	}
	return &ReplyError{Reason: "the reply is empty", Hint: formatHint, Truncated: true}
}

func unreadable(text string, object, truncated bool) *ReplyError {
	e := &ReplyError{Hint: formatHint, Truncated: truncated}
	switch {
	case truncated:
		e.Reason = "the reply ended before its code did"
		e.Hint = "keep the thought to one sentence and the code short, so that the whole reply fits"
	case object:
		e.Reason = `the reply has no Go source: its field "code" is missing or empty`
	default:
		begin := strings.Join(strings.Fields(printable(text)), " ")
		e.Reason = fmt.Sprintf("the reply has no JSON object and no Go source; it begins %q", clip(begin, 100))
	}
	return e
}

// Names that models give the three fields.
var (
	thoughtKeys = []string{"thought", "thoughts", "idea", "rationale", "explanation", "reasoning"}
	nameKeys    = []string{"name", "title"}
	codeKeys    = []string{"code", "source", "program", "go", "implementation"}
)

// isAnswer reports whether an object is meant as an answer.
func isAnswer(f fields) bool {
	_, code := first(f, codeKeys)
	_, thought := first(f, thoughtKeys)
	return code || thought
}

func first(f fields, keys []string) (string, bool) {
	for _, k := range keys {
		if v, ok := f.values[k]; ok {
			return v, true
		}
	}
	return "", false
}

func answerOf(f fields) Answer {
	thought, _ := first(f, thoughtKeys)
	name, _ := first(f, nameKeys)
	code, _ := first(f, codeKeys)
	return Answer{Thought: tidyThought(thought), Name: tidyName(name), Code: tidyCode(code)}
}

func tidyThought(s string) string {
	return clip(strings.Join(strings.Fields(printable(s)), " "), maxThought)
}

var notWord = pattern(`[^a-z0-9]+`)

// tidyName makes a name snake case: "Log-Ratio Modulated" is log_ratio_modulated.
func tidyName(s string) string {
	s = strings.Trim(notWord().ReplaceAllString(strings.ToLower(clip(s, 4*maxName)), "_"), "_")
	if s = strings.Trim(s[:min(len(s), maxName)], "_"); s == "" {
		return "unnamed"
	}
	return s
}

// tidyCode takes code out of a fence inside the string, and undoes a second
// escaping.
func tidyCode(s string) string {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	if strings.HasPrefix(s, "```") {
		s = strings.TrimSpace(fences(s)[0].text)
	}
	if !strings.Contains(s, "\n") && strings.Contains(s, `\n`) {
		s = strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\"`, `"`, `\\`, `\`).Replace(s)
	}
	if s == "" {
		return ""
	}
	return s + "\n"
}

// clip cuts s to n bytes at a character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
