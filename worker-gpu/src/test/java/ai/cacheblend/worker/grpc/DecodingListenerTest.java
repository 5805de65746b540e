package ai.cacheblend.worker.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.proto.v1.TokenizeRequest;
import ai.cacheblend.proto.v1.TokenizeResponse;
import ai.cacheblend.proto.v1.WorkerGrpc;
import com.google.common.base.Ticker;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

/** Decoding runs when the test says so: the executor keeps its tasks. */
final class DecodingListenerTest {
  private final Queue<Runnable> decoding = new ArrayDeque<>();
  private final List<String> events = new ArrayList<>();
  private final RecordingCall call = new RecordingCall();
  private final DecodingListener<TokenizeRequest> listener =
      new DecodingListener<>(
          call,
          new RecordingListener(),
          MessageDecoder.of(WorkerGrpc.getTokenizeMethod()),
          decoding::add,
          new RefusalLog(Ticker.systemTicker()));

  @Test
  void messagesUpToTheLimitAreDecodedAtOnce() {
    listener.onMessage(message(DecodingListener.MAX_INLINE_BYTES));
    listener.onHalfClose();

    assertThat(events).containsExactly("message", "half-close");
    assertThat(decoding).isEmpty();
  }

  @Test
  void largerMessagesAreDecodedOnOtherThreadsBeforeLaterEvents() {
    listener.onMessage(message(DecodingListener.MAX_INLINE_BYTES + 1));
    listener.onHalfClose();
    listener.onComplete();

    assertThat(events).isEmpty();
    runDecoding();
    assertThat(events).containsExactly("message", "half-close", "complete");
  }

  @Test
  void serviceSeesNothingOfAMalformedMessageButTheEnd() {
    listener.onMessage(new byte[] {-1, -1, -1});
    listener.onMessage(message(16));
    listener.onHalfClose();
    listener.onComplete();

    assertThat(call.closed)
        .singleElement()
        .extracting(Status::getCode)
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(events).containsExactly("complete");
  }

  private void runDecoding() {
    while (!decoding.isEmpty()) {
      decoding.remove().run();
    }
  }

  /** A valid message of {@code byteCount} bytes: one text. */
  private static byte[] message(int byteCount) {
    int overhead = byteCount > 16_384 + 4 ? 4 : 2;
    byte[] message =
        TokenizeRequest.newBuilder()
            .addTexts("x".repeat(byteCount - overhead))
            .build()
            .toByteArray();
    assertThat(message).hasSize(byteCount);
    return message;
  }

  private final class RecordingListener extends ServerCall.Listener<TokenizeRequest> {
    @Override
    public void onMessage(TokenizeRequest message) {
      events.add("message");
    }

    @Override
    public void onHalfClose() {
      events.add("half-close");
    }

    @Override
    public void onComplete() {
      events.add("complete");
    }
  }

  private static final class RecordingCall extends ServerCall<byte[], TokenizeResponse> {
    private final List<Status> closed = new ArrayList<>();

    @Override
    public void request(int messageCount) {}

    @Override
    public void sendHeaders(Metadata headers) {}

    @Override
    public void sendMessage(TokenizeResponse message) {}

    @Override
    public void close(Status status, Metadata trailers) {
      closed.add(status);
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public MethodDescriptor<byte[], TokenizeResponse> getMethodDescriptor() {
      MethodDescriptor<TokenizeRequest, TokenizeResponse> decoded = WorkerGrpc.getTokenizeMethod();
      return decoded.toBuilder(new Bytes(), decoded.getResponseMarshaller()).build();
    }
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] message) {
      return new ByteArrayInputStream(message);
    }

    @Override
    public byte[] parse(InputStream stream) {
      throw new UnsupportedOperationException();
    }
  }
}
