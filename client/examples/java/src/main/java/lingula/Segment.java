package lingula;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import lingula.v1.ImageOuterClass.Image;
import lingula.v1.SegmentationGrpc;
import lingula.v1.SegmentationOuterClass.SegmentRequest;
import lingula.v1.SegmentationOuterClass.SegmentResponse;

/** Segments one image and writes its mask: Segment HOST:PORT IMAGE MASK.png. */
public final class Segment {
  private Segment() {}

  public static void main(String[] args) throws IOException {
    if (args.length != 3) {
      System.err.println("usage: Segment HOST:PORT IMAGE MASK.png");
      System.exit(2);
    }
    ByteString image = ByteString.copyFrom(Files.readAllBytes(Path.of(args[1])));
    SegmentRequest request =
        SegmentRequest.newBuilder()
            .setImage(Image.newBuilder().setEncoded(image))
            .setWantLocationText(true)
            .build();
    ManagedChannel channel = Channels.open(args[0]);
    try {
      SegmentResponse answer =
          SegmentationGrpc.newBlockingStub(channel)
              .withDeadlineAfter(30, TimeUnit.SECONDS)
              .segment(request);
      Files.write(Path.of(args[2]), answer.getMasks(0).getPng().toByteArray());
      System.out.println(answer.getLocation().getSentence());
      if (answer.getQuality().hasExpectedDice()) { // absent when the mask is empty
        System.out.printf("Expected Dice: %.2f%n", answer.getQuality().getExpectedDice());
      }
    } catch (StatusRuntimeException failure) {
      explain(failure);
      System.exit(1);
    } finally {
      channel.shutdownNow();
    }
  }

  /** Prints the service's reason and the fields that were wrong. */
  private static void explain(StatusRuntimeException failure) throws InvalidProtocolBufferException {
    System.err.printf("%s: %s%n", failure.getStatus().getCode(), failure.getStatus().getDescription());
    com.google.rpc.Status status = StatusProto.fromThrowable(failure);
    for (Any detail : status == null ? java.util.List.<Any>of() : status.getDetailsList()) {
      if (detail.is(BadRequest.class)) {
        for (BadRequest.FieldViolation one : detail.unpack(BadRequest.class).getFieldViolationsList()) {
          System.err.printf("  %s: %s%n", one.getField(), one.getDescription());
        }
      }
    }
  }
}
