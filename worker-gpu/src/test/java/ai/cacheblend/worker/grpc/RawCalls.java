package ai.cacheblend.worker.grpc;

import io.grpc.MethodDescriptor;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;

/** Calls whose messages are bytes, valid or not. */
final class RawCalls {
  private static final MethodDescriptor.Marshaller<byte[]> BYTES =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] message) {
          return new ByteArrayInputStream(message);
        }

        @Override
        public byte[] parse(InputStream stream) {
          try {
            return stream.readAllBytes();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };

  private RawCalls() {}

  static MethodDescriptor<byte[], byte[]> method(MethodDescriptor<?, ?> method) {
    return method(method.getFullMethodName(), method.getType());
  }

  static MethodDescriptor<byte[], byte[]> method(
      String fullName, MethodDescriptor.MethodType type) {
    return MethodDescriptor.newBuilder(BYTES, BYTES)
        .setFullMethodName(fullName)
        .setType(type)
        .build();
  }

  /** Completes with the first message or the failure. */
  static <A> StreamObserver<A> first(CompletableFuture<A> answer) {
    return new StreamObserver<>() {
      @Override
      public void onNext(A message) {
        answer.complete(message);
      }

      @Override
      public void onError(Throwable failure) {
        answer.completeExceptionally(failure);
      }

      @Override
      public void onCompleted() {
        answer.completeExceptionally(new AssertionError("no message"));
      }
    };
  }
}
