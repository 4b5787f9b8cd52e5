// Segments frames in a stream: stream [-ca FILE ...] HOST:PORT MODEL FRAME...
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"

	"lingula.example/dial"
	pb "lingula.example/lingulav1"
)

func main() {
	log.SetFlags(0)
	flag.Parse()
	if flag.NArg() < 3 {
		log.Fatal("usage: stream [-ca FILE ...] HOST:PORT MODEL FRAME...")
	}
	connection, err := dial.Dial(flag.Arg(0))
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	stream, err := pb.NewSegmentationClient(connection).SegmentStream(ctx)
	if err != nil {
		log.Fatal(err)
	}
	settings := &pb.StreamSettings{Model: flag.Arg(1), Policy: pb.StreamPolicy_STREAM_POLICY_EVERY_FRAME}
	sent := make(chan error, 1)
	go func() { sent <- send(stream, settings, flag.Args()[2:]) }() // read while sending, or wait for yourself
	for {
		answer, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		if drop := answer.GetDrop(); drop != nil {
			fmt.Printf("frame %d: %s: %s\n", answer.FrameNumber, drop.Reason, drop.Message)
			continue
		}
		quality := answer.GetResult().GetQuality()
		fmt.Printf("frame %d: %d pixels\n", answer.FrameNumber, quality.GetForegroundPixels())
	}
	if err := <-sent; err != nil {
		log.Fatal(err)
	}
}

func send(stream pb.Segmentation_SegmentStreamClient, settings *pb.StreamSettings, paths []string) error {
	defer stream.CloseSend()
	first := &pb.SegmentStreamRequest{Content: &pb.SegmentStreamRequest_Settings{Settings: settings}}
	if err := stream.Send(first); err != nil {
		return nil // the stream has ended; Recv says why
	}
	for i, path := range paths {
		picture, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		frame := &pb.Frame{Number: uint64(i + 1), Image: &pb.Image{Source: &pb.Image_Encoded{Encoded: picture}}}
		message := &pb.SegmentStreamRequest{Content: &pb.SegmentStreamRequest_Frame{Frame: frame}}
		if err := stream.Send(message); err != nil {
			return nil
		}
	}
	return nil
}
