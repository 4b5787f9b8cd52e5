package lingula;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import lingula.v1.ImageOuterClass.Image;
import lingula.v1.SegmentationGrpc;
import lingula.v1.SegmentationOuterClass.Frame;
import lingula.v1.SegmentationOuterClass.SegmentStreamRequest;
import lingula.v1.SegmentationOuterClass.SegmentStreamResponse;
import lingula.v1.SegmentationOuterClass.StreamSettings;

/** Segments frames in a stream: Stream HOST:PORT MODEL FRAME.... */
public final class Stream implements ClientResponseObserver<SegmentStreamRequest, SegmentStreamResponse> {
  private final String[] args;
  private final CompletableFuture<Void> end = new CompletableFuture<>();
  private int next = 1; // args[2] is the first frame; the settings come before it

  private Stream(String[] args) {
    this.args = args;
  }

  public static void main(String[] args) throws IOException {
    ManagedChannel channel = Channels.open(args[0]);
    Stream stream = new Stream(args);
    SegmentationGrpc.newStub(channel).segmentStream(stream);
    try {
      stream.end.join();
    } catch (RuntimeException failure) {
      System.err.println(Status.fromThrowable(failure.getCause()));
      System.exit(1);
    }
    channel.shutdownNow();
  }

  /** Sends as fast as the server takes frames: it holds back who is too fast. */
  @Override
  public void beforeStart(ClientCallStreamObserver<SegmentStreamRequest> sender) {
    sender.setOnReadyHandler(() -> {
      while (sender.isReady() && next < args.length) {
        sender.onNext(message(next++));
        if (next == args.length) sender.onCompleted();
      }
    });
  }

  private SegmentStreamRequest message(int i) {
    if (i == 1) {
      return SegmentStreamRequest.newBuilder().setSettings(StreamSettings.newBuilder().setModel(args[1])).build();
    }
    try {
      Image image = Image.newBuilder().setEncoded(ByteString.copyFrom(Files.readAllBytes(Path.of(args[i])))).build();
      return SegmentStreamRequest.newBuilder().setFrame(Frame.newBuilder().setNumber(i - 1).setImage(image)).build();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  @Override
  public void onNext(SegmentStreamResponse answer) {
    String outcome = answer.hasDrop()
        ? answer.getDrop().getReason() + ": " + answer.getDrop().getMessage()
        : answer.getResult().getQuality().getForegroundPixels() + " pixels";
    System.out.printf("frame %d: %s%n", answer.getFrameNumber(), outcome);
  }

  @Override
  public void onError(Throwable failure) { end.completeExceptionally(failure); }

  @Override
  public void onCompleted() { end.complete(null); }
}
