package ai.cacheblend.worker.grpc;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.Executor;

/**
 * Decodes the requests of a service instead of gRPC, which decodes without limits on the transport
 * thread and ends a call with malformed bytes as UNKNOWN.
 */
final class CheckedMessages {
  private final Executor decoding;
  private final RefusalLog refusals;

  /**
   * @param decoding decodes messages that are too large for the transport thread
   */
  CheckedMessages(Executor decoding, RefusalLog refusals) {
    this.decoding = decoding;
    this.refusals = refusals;
  }

  ServerServiceDefinition of(ServerServiceDefinition service) {
    ServiceDescriptor.Builder descriptor =
        ServiceDescriptor.newBuilder(service.getServiceDescriptor().getName())
            .setSchemaDescriptor(service.getServiceDescriptor().getSchemaDescriptor());
    var methods =
        service.getMethods().stream().<ServerMethodDefinition<byte[], ?>>map(this::of).toList();
    methods.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
    ServerServiceDefinition.Builder checked = ServerServiceDefinition.builder(descriptor.build());
    methods.forEach(checked::addMethod);
    return checked.build();
  }

  private <Q, A> ServerMethodDefinition<byte[], A> of(ServerMethodDefinition<Q, A> method) {
    MethodDescriptor<Q, A> decoded = method.getMethodDescriptor();
    MethodDescriptor<byte[], A> encoded =
        decoded.toBuilder(new Bytes(), decoded.getResponseMarshaller()).build();
    MessageDecoder<Q> decoder = MessageDecoder.of(decoded);
    ServerCallHandler<Q, A> handler = method.getServerCallHandler();
    return ServerMethodDefinition.create(
        encoded,
        (ServerCall<byte[], A> call, Metadata headers) ->
            new DecodingListener<>(
                call,
                handler.startCall(new DecodedCall<>(call, decoded), headers),
                decoder,
                decoding,
                refusals));
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
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
  }
}
