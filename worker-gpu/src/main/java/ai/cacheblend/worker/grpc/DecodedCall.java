package ai.cacheblend.worker.grpc;

import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.SecurityLevel;
import io.grpc.ServerCall;
import io.grpc.Status;

/** A call with encoded requests, as the service sees it. */
final class DecodedCall<Q, A> extends ServerCall<Q, A> {
  private final ServerCall<byte[], A> call;
  private final MethodDescriptor<Q, A> method;

  DecodedCall(ServerCall<byte[], A> call, MethodDescriptor<Q, A> method) {
    this.call = call;
    this.method = method;
  }

  @Override
  public MethodDescriptor<Q, A> getMethodDescriptor() {
    return method;
  }

  @Override
  public void request(int messageCount) {
    call.request(messageCount);
  }

  @Override
  public void sendHeaders(Metadata headers) {
    call.sendHeaders(headers);
  }

  @Override
  public void sendMessage(A message) {
    call.sendMessage(message);
  }

  @Override
  public boolean isReady() {
    return call.isReady();
  }

  @Override
  public void close(Status status, Metadata trailers) {
    call.close(status, trailers);
  }

  @Override
  public boolean isCancelled() {
    return call.isCancelled();
  }

  @Override
  public void setMessageCompression(boolean enabled) {
    call.setMessageCompression(enabled);
  }

  @Override
  public void setCompression(String compressor) {
    call.setCompression(compressor);
  }

  @Override
  public void setOnReadyThreshold(int byteCount) {
    call.setOnReadyThreshold(byteCount);
  }

  @Override
  public SecurityLevel getSecurityLevel() {
    return call.getSecurityLevel();
  }

  @Override
  public Attributes getAttributes() {
    return call.getAttributes();
  }

  @Override
  public String getAuthority() {
    return call.getAuthority();
  }
}
