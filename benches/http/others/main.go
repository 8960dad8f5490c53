// The usual endpoint on Go's net/http: the raw body, HMAC, the envelope, then the payload of its type.
//
// Run: SECRET=… PORT=… go run main.go
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
)

type envelope struct {
	EventType string          `json:"event_type"`
	EventData json.RawMessage `json:"event_data"`
}

type item struct {
	ID       string `json:"id"`
	Sku      string `json:"sku"`
	Name     string `json:"name"`
	Quantity int64  `json:"quantity"`
	Price    *int64 `json:"price"`
	Nested   []item `json:"nested_items"`
}

type playerVerify struct {
	PlayerID string `json:"player_id"`
}

type order struct {
	ID       string `json:"id"`
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
	Items    []item `json:"items"`
}

type itemAdd struct {
	PlayerID string `json:"player_id"`
	Items    []item `json:"items"`
	Reason   string `json:"reason"`
}

type player struct {
	PlayerID   string   `json:"player_id"`
	Name       string   `json:"name"`
	Attributes struct{} `json:"attributes"`
}

var secret = []byte(os.Getenv("SECRET"))

func webhook(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "unreadable body", http.StatusBadRequest)
		return
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(r.Header.Get("X-Aghanim-Signature-Timestamp")))
	mac.Write([]byte("."))
	mac.Write(body)
	signature, err := hex.DecodeString(r.Header.Get("X-Aghanim-Signature"))
	if err != nil || !hmac.Equal(mac.Sum(nil), signature) {
		http.Error(w, "Invalid signature", http.StatusForbidden)
		return
	}
	var event envelope
	if err := json.Unmarshal(body, &event); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var answer any = map[string]string{"status": "ok"}
	switch event.EventType {
	case "player.verify":
		var data playerVerify
		err = json.Unmarshal(event.EventData, &data)
		answer = player{PlayerID: data.PlayerID, Name: "Aria of the North"}
	case "order.paid":
		var data order
		err = json.Unmarshal(event.EventData, &data)
	case "item.add":
		var data itemAdd
		err = json.Unmarshal(event.EventData, &data)
	default:
		http.Error(w, "Unknown event type", http.StatusBadRequest)
		return
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(answer)
}

func main() {
	http.HandleFunc("/webhook", webhook)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
