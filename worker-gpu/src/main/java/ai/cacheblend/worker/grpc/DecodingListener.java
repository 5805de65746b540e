package ai.cacheblend.worker.grpc;

import ai.cacheblend.worker.engine.WorkerException;
import com.google.common.util.concurrent.MoreExecutors;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusException;
import java.util.concurrent.Executor;

/**
 * Hands the decoded messages of one call to the service. From its first large message on, all
 * events of a call are handled by the decoding executor, in order.
 */
final class DecodingListener<Q> extends ServerCall.Listener<byte[]> {
  /** Decoded in less time than a handover takes several times; a prompt of 65,000 token ids. */
  static final int MAX_INLINE_BYTES = 256 << 10;

  private final ServerCall<byte[], ?> call;
  private final ServerCall.Listener<Q> service;
  private final MessageDecoder<Q> decoder;
  private final Executor decoding;
  private final RefusalLog refusals;

  /** gRPC calls a listener from one thread at a time. */
  private Executor events = Runnable::run;

  private volatile boolean refused;

  DecodingListener(
      ServerCall<byte[], ?> call,
      ServerCall.Listener<Q> service,
      MessageDecoder<Q> decoder,
      Executor decoding,
      RefusalLog refusals) {
    this.call = call;
    this.service = service;
    this.decoder = decoder;
    this.decoding = decoding;
    this.refusals = refusals;
  }

  @Override
  public void onMessage(byte[] message) {
    if (refused) {
      return;
    }
    if (message.length > MAX_INLINE_BYTES) {
      events = MoreExecutors.newSequentialExecutor(decoding);
    }
    try {
      run(() -> decode(message));
    } catch (WorkerException e) {
      refuse(StatusMapper.toStatus(e));
    }
  }

  private void decode(byte[] message) {
    if (refused) {
      return;
    }
    Q decoded;
    try {
      decoded = decoder.decode(message);
    } catch (StatusException e) {
      refuse(e.getStatus());
      return;
    }
    service.onMessage(decoded);
  }

  @Override
  public void onHalfClose() {
    runOrInline(
        () -> {
          if (!refused) {
            service.onHalfClose();
          }
        });
  }

  @Override
  public void onReady() {
    runOrInline(service::onReady);
  }

  @Override
  public void onCancel() {
    runOrInline(service::onCancel);
  }

  @Override
  public void onComplete() {
    runOrInline(service::onComplete);
  }

  private void refuse(Status status) {
    refused = true;
    refusals.write(call.getMethodDescriptor().getFullMethodName(), status);
    call.close(status, new Metadata());
  }

  private void run(Runnable event) {
    events.execute(Context.current().wrap(event));
  }

  /** The executor is full only if no earlier event of this call waits in it. */
  private void runOrInline(Runnable event) {
    try {
      run(event);
    } catch (WorkerException e) {
      event.run();
    }
  }
}
