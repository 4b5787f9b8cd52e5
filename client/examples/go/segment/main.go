// Segments one image and writes its mask: segment [-ca FILE ...] HOST:PORT IMAGE MASK.png
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/status"

	"lingula.example/dial"
	pb "lingula.example/lingulav1"
)

func main() {
	log.SetFlags(0)
	flag.Parse()
	if flag.NArg() != 3 {
		log.Fatal("usage: segment [-ca FILE ...] HOST:PORT IMAGE MASK.png")
	}
	connection, err := dial.Dial(flag.Arg(0))
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()
	image, err := os.ReadFile(flag.Arg(1))
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	answer, err := pb.NewSegmentationClient(connection).Segment(ctx, &pb.SegmentRequest{
		Image:            &pb.Image{Source: &pb.Image_Encoded{Encoded: image}},
		WantLocationText: true,
	})
	if err != nil {
		explain(err)
		os.Exit(1)
	}
	if err := os.WriteFile(flag.Arg(2), answer.Masks[0].GetPng(), 0o644); err != nil {
		log.Fatal(err)
	}
	fmt.Println(answer.GetLocation().GetSentence())
	if quality := answer.Quality; quality.GetExpectedDice() > 0 { // absent when the mask is empty
		fmt.Printf("Expected Dice: %.2f\n", *quality.ExpectedDice)
	}
}

// explain prints the service's reason and the fields that were wrong.
func explain(err error) {
	failure := status.Convert(err)
	log.Printf("%s: %s", failure.Code(), failure.Message())
	for _, detail := range failure.Details() {
		if bad, ok := detail.(*errdetails.BadRequest); ok {
			for _, field := range bad.FieldViolations {
				log.Printf("  %s: %s", field.Field, field.Description)
			}
		}
	}
}
