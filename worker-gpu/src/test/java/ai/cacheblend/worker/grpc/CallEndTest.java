package ai.cacheblend.worker.grpc;

import static ai.cacheblend.worker.grpc.ServiceFixture.FULL;
import static ai.cacheblend.worker.grpc.ServiceFixture.request;
import static ai.cacheblend.worker.grpc.ServiceFixture.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.cacheblend.proto.v1.CollectRequest;
import ai.cacheblend.proto.v1.GenerateRequest;
import ai.cacheblend.proto.v1.GenerateResponse;
import ai.cacheblend.proto.v1.WorkerGrpc;
import com.google.common.collect.ImmutableList;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls that end before their answer is complete. */
@Timeout(120)
final class CallEndTest {
  private ServiceFixture service;

  @BeforeEach
  void start() throws Exception {
    service = new ServiceFixture();
  }

  @AfterEach
  void close() throws Exception {
    service.close();
  }

  @Test
  void cancellationStopsDecodingAndReleasesMemory() throws Exception {
    Context.CancellableContext context = Context.current().withCancellation();
    service.fixture.runner.blockAfterTheFirstStep();
    context.run(
        () -> {
          Iterator<GenerateResponse> messages =
              service.worker.generate(request(FULL, 390, text("a", false)).build());
          messages.next();
        });
    assertThat(service.fixture.engine.poolStatistics().reservedBlockCount()).isPositive();

    context.cancel(null);

    service.awaitFreePool();
    assertThat(service.fixture.runner.steps().size()).isLessThan(390);
  }

  @Test
  void deadlineStopsDecodingAndReleasesMemory() throws Exception {
    service.fixture.runner.blockAfterTheFirstStep();

    assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(
            () ->
                ImmutableList.copyOf(
                    service
                        .worker
                        .withDeadlineAfter(60, TimeUnit.MILLISECONDS)
                        .generate(request(FULL, 390, text("a", false)).build())))
        .satisfies(
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));

    service.awaitFreePool();
    assertThat(service.fixture.runner.steps().size()).isLessThan(390);
  }

  @Test
  void callOfASlowReaderEndsAndOthersAreServed() throws Exception {
    AtomicReference<Status> end = new AtomicReference<>();
    CountDownLatch first = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    List<GenerateResponse> received = Collections.synchronizedList(new ArrayList<>());
    AtomicReference<ClientCallStreamObserver<GenerateRequest>> call = new AtomicReference<>();
    WorkerGrpc.newStub(service.channel)
        .generate(
            request(FULL, 300, text("a", false)).build(),
            new ClientResponseObserver<GenerateRequest, GenerateResponse>() {
              @Override
              public void beforeStart(ClientCallStreamObserver<GenerateRequest> stream) {
                stream.disableAutoRequestWithInitial(1);
                call.set(stream);
              }

              @Override
              public void onNext(GenerateResponse message) {
                received.add(message);
                first.countDown();
              }

              @Override
              public void onError(Throwable failure) {
                end.set(Status.fromThrowable(failure));
                ended.countDown();
              }

              @Override
              public void onCompleted() {
                ended.countDown();
              }
            });

    assertThat(first.await(100, TimeUnit.SECONDS)).isTrue();
    // Waits for the slow call, for a limited time.
    service.worker.collect(CollectRequest.newBuilder().addChunks(text("abc", true)).build());
    call.get().request(1000);

    assertThat(ended.await(100, TimeUnit.SECONDS)).isTrue();
    assertThat(end.get().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(end.get().getDescription()).contains("did not read tokens");
    assertThat(received.size()).isLessThan(300);
  }
}
