// A sign-up and an order, by franz-go:
//
//	go run . localhost:9092 u-1 o-1
//
// TOPIC_PREFIX is for clusters that several environments share.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

type userCreated struct {
	UserID string `json:"userId"`
	Email  string `json:"email"`
	Name   string `json:"name"`
	Locale string `json:"locale,omitempty"`
}

type item struct {
	SKU      string `json:"sku"`
	Quantity int    `json:"quantity"`
	// Amounts are integers in minor units: 1999 is EUR 19.99.
	UnitPrice int64 `json:"unitPrice"`
}

type contact struct {
	Email string `json:"email"`
}

type paymentMethod struct {
	Token string `json:"token"`
}

type orderCreated struct {
	OrderID       string        `json:"orderId"`
	CustomerID    string        `json:"customerId"`
	Amount        int64         `json:"amount"`
	Currency      string        `json:"currency"`
	Items         []item        `json:"items"`
	Contact       contact       `json:"contact"`
	PaymentMethod paymentMethod `json:"paymentMethod"`
}

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: go run . <brokers> <user id> <order id>")
	}
	brokers, userID, orderID := os.Args[1], os.Args[2], os.Args[3]

	// Idempotent, with acknowledgements of all in-sync replicas and Java's partitions, unless told otherwise.
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(brokers, ",")...))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	user := userCreated{UserID: userID, Email: userID + "@customer.example", Name: "Ada"}
	order := orderCreated{
		OrderID: orderID, CustomerID: userID, Amount: 1999, Currency: "EUR",
		Items:         []item{{SKU: "book", Quantity: 1, UnitPrice: 1999}},
		Contact:       contact{Email: user.Email},
		PaymentMethod: paymentMethod{Token: "tok_ok"},
	}

	// Plain JSON, keyed by the business key: enough for what happens once to its subject. It is known by its key.
	signUp := record("user.created", userID, user)

	// A CloudEvent has an id of its own. Keep it with the business row: whoever sends again sends the same one.
	id := sha256.Sum256([]byte("/shop/checkout/" + orderID))
	placed := record("order.created", orderID, order,
		"ce_specversion", "1.0",
		"ce_id", hex.EncodeToString(id[:16]),
		"ce_type", "order.created",
		"ce_source", "/shop/checkout",
		"content-type", "application/json",
		"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
	)

	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	// Waits for the acknowledgements: without them nobody would ever hear of a failure.
	for _, result := range client.ProduceSync(ctx, signUp, placed) {
		if result.Err != nil {
			log.Fatalf("%s was not delivered: %v", result.Record.Topic, result.Err)
		}
		fmt.Printf("%s: offset %d\n", strings.TrimPrefix(result.Record.Topic, os.Getenv("TOPIC_PREFIX")), result.Record.Offset)
	}
}

func record(eventType, key string, payload any, headers ...string) *kgo.Record {
	value, err := json.Marshal(payload)
	if err != nil {
		log.Fatal(err)
	}
	record := &kgo.Record{Topic: os.Getenv("TOPIC_PREFIX") + eventType, Key: []byte(key), Value: value}
	for at := 0; at < len(headers); at += 2 {
		record.Headers = append(record.Headers, kgo.RecordHeader{Key: headers[at], Value: []byte(headers[at+1])})
	}
	return record
}
