package ai.cacheblend.worker.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.cacheblend.proto.v1.AcquireLeaseRequest;
import ai.cacheblend.proto.v1.Arm;
import ai.cacheblend.proto.v1.CheckRequest;
import ai.cacheblend.proto.v1.CollectRequest;
import ai.cacheblend.proto.v1.DescribeRequest;
import ai.cacheblend.proto.v1.FullPrefill;
import ai.cacheblend.proto.v1.GenerateRequest;
import ai.cacheblend.proto.v1.LeaseStatistics;
import ai.cacheblend.proto.v1.ReleaseLeaseRequest;
import ai.cacheblend.proto.v1.ResetRequest;
import ai.cacheblend.proto.v1.Segment;
import ai.cacheblend.proto.v1.TokenIdCodec;
import ai.cacheblend.proto.v1.TokenizeRequest;
import ai.cacheblend.proto.v1.WorkerGrpc;
import ai.cacheblend.worker.testing.EngineFixture;
import com.google.common.base.Ticker;
import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class LeaseTest {
  private static final String ADDRESS = "lease-test";
  private static final Segment IDS =
      Segment.newBuilder().setTokenIds(TokenIdCodec.encode(1, 2, 3)).build();
  private static final CollectRequest COLLECT = CollectRequest.newBuilder().addChunks(IDS).build();

  private final AtomicLong nanos = new AtomicLong(1);
  private final EngineFixture fixture = new EngineFixture();
  private final WorkerServer server =
      new WorkerServer(
          InProcessServerBuilder.forName(ADDRESS),
          fixture.engine,
          ServiceFixture.description(),
          ServerAccess.OPEN,
          Duration.ofSeconds(5),
          new Ticker() {
            @Override
            public long read() {
              return nanos.get();
            }
          });
  private final ManagedChannel channel = InProcessChannelBuilder.forName(ADDRESS).build();
  private final WorkerGrpc.WorkerBlockingStub other = WorkerGrpc.newBlockingStub(channel);
  private final CountDownLatch release = new CountDownLatch(1);

  @BeforeEach
  void start() throws Exception {
    server.start();
  }

  @AfterEach
  void end() throws Exception {
    release.countDown();
    channel.shutdownNow();
    server.shutDown(Duration.ofSeconds(5));
    fixture.close();
  }

  @Test
  void exclusiveLeaseRejectsRequestsOfOthers() {
    String id = acquire("ttft on host-a", 30, false);

    for (Runnable call :
        new Runnable[] {
          () -> other.collect(COLLECT),
          () -> other.check(CheckRequest.newBuilder().addSegments(IDS).build()),
          () -> other.generate(generate()).next(),
          () -> other.reset(ResetRequest.getDefaultInstance())
        }) {
      Status status = failure(call);
      assertThat(status.getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
      assertThat(status.getDescription())
          .isEqualTo(
              "the worker is leased to \"ttft on host-a\" for another 30 s; wait until that run ends,"
                  + " or use another worker");
    }
    assertThat(holder(id).collect(COLLECT).getChunksCount()).isEqualTo(1);
    assertThat(other.tokenize(TokenizeRequest.getDefaultInstance()).getTextsCount()).isZero();

    LeaseStatistics statistics = statistics(other);
    assertThat(statistics.getLeases(0).getHolder()).isEqualTo("ttft on host-a");
    assertThat(statistics.getLeases(0).getRequestCount()).isEqualTo(1);
    assertThat(statistics.getLeases(0).getRemainingMillis()).isEqualTo(29_999);
    assertThat(statistics.getRefusedRequestCount()).isEqualTo(4);
    assertThat(statistics.hasForeignRequestCount()).isFalse();
  }

  @Test
  void secondLeaseIsRejectedWithTheNameOfTheHolder() {
    acquire("first", 30, false);

    for (boolean shared : new boolean[] {false, true}) {
      assertThat(failure(() -> acquire("second", 30, shared)).getDescription())
          .startsWith("the worker is leased to \"first\" for another 30 s");
    }
  }

  @Test
  void releaseEndsTheLease() {
    String id = acquire("first", 30, false);
    assertThat(other.releaseLease(ReleaseLeaseRequest.newBuilder().setLeaseId(id).build()))
        .isNotNull();
    assertThat(other.releaseLease(ReleaseLeaseRequest.newBuilder().setLeaseId(id).build()))
        .isNotNull();

    assertThat(other.collect(COLLECT).getChunksCount()).isEqualTo(1);
    Status status = failure(() -> holder(id).collect(COLLECT));
    assertThat(status.getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(status.getDescription())
        .isEqualTo("the lease of this call has ended; acquire a new one");
  }

  @Test
  void leaseExpiresUnlessItIsRenewed() {
    String id = acquire("first", 30, false);
    nanos.addAndGet(Duration.ofSeconds(29).toNanos());
    assertThat(renew(id, 30)).isEqualTo(id);
    nanos.addAndGet(Duration.ofSeconds(30).toNanos() - 1);
    assertThat(failure(() -> other.collect(COLLECT)).getCode())
        .isEqualTo(Status.Code.FAILED_PRECONDITION);

    nanos.addAndGet(1);
    assertThat(other.collect(COLLECT).getChunksCount()).isEqualTo(1);
    assertThat(statistics(other).getLeasesCount()).isZero();
    assertThat(failure(() -> renew(id, 30)).getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);

    acquire("second", 30, false);
    assertThat(failure(() -> holder(id).collect(COLLECT)).getDescription())
        .startsWith("the lease of this call has ended, and the worker is leased to \"second\"");
  }

  @Test
  void holderCanRenewALateLeaseWhileNoOtherCallerUsedTheWorker() {
    String id = acquire("first", 30, false);
    nanos.addAndGet(Duration.ofSeconds(60).toNanos());
    assertThat(statistics(other).getLeasesCount()).isZero();
    assertThat(other.tokenize(TokenizeRequest.getDefaultInstance()).getTextsCount()).isZero();

    assertThat(holder(id).collect(COLLECT).getChunksCount()).isEqualTo(1);
    assertThat(renew(id, 30)).isEqualTo(id);

    assertThat(failure(() -> other.collect(COLLECT)).getCode())
        .isEqualTo(Status.Code.FAILED_PRECONDITION);
  }

  @Test
  void lateLeaseIsLostToTheNextHolder() {
    String id = acquire("first", 30, false);
    nanos.addAndGet(Duration.ofSeconds(30).toNanos());
    acquire("second", 30, false);

    assertThat(failure(() -> renew(id, 30)).getDescription())
        .startsWith("the lease of this call has ended, and the worker is leased to \"second\"");
  }

  @Test
  void sharedLeasesServeEveryoneAndCountForeignRequests() {
    String first = acquire("first", 30, true);
    String second = acquire("second", 30, true);

    holder(first).collect(COLLECT);
    holder(second).collect(COLLECT);
    other.collect(COLLECT);
    other.tokenize(TokenizeRequest.getDefaultInstance());

    assertThat(statistics(holder(first)).getForeignRequestCount()).isEqualTo(3);
    assertThat(statistics(holder(second)).getForeignRequestCount()).isEqualTo(3);
    assertThat(statistics(other).getRequestCount()).isEqualTo(4);
    assertThat(failure(() -> acquire("third", 30, false)).getDescription())
        .endsWith("share the worker with it (--shared)");
  }

  @Test
  void requestsThatRunWhenALeaseBeginsAreForeign() throws Exception {
    other.collect(COLLECT);
    awaitNoActiveRequest();
    fixture.runner.beforeStep(
        step -> {
          try {
            release.await();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    CollectRequest another =
        CollectRequest.newBuilder()
            .addChunks(Segment.newBuilder().setTokenIds(TokenIdCodec.encode(9)))
            .build();
    ListenableFuture<?> running = WorkerGrpc.newFutureStub(channel).collect(another);
    while (statistics(other).getActiveRequestCount() == 0) {
      Thread.onSpinWait();
    }

    String id = acquire("first", 30, false);

    assertThat(statistics(holder(id)).getForeignRequestCount()).isEqualTo(1);
    release.countDown();
    assertThat(running.get()).isNotNull();
    awaitNoActiveRequest();
    assertThat(statistics(holder(id)).getForeignRequestCount()).isEqualTo(1);
  }

  @Test
  void valuesOutOfRangeAreRejected() {
    assertThat(failure(() -> acquire("a", 0, false)).getDescription())
        .isEqualTo("ttl_seconds is 0; send 1 to 3600");
    assertThat(failure(() -> acquire("a", -1, false)).getDescription())
        .isEqualTo("ttl_seconds is 4294967295; send 1 to 3600");
    assertThat(failure(() -> acquire("", 30, false)).getDescription())
        .startsWith("holder has 0 characters; send 1 to 200");
    assertThat(failure(() -> acquire("a\u001b[2J", 30, false)).getDescription())
        .startsWith("holder contains a control character");
    assertThat(failure(() -> acquire("", 30, false)).getCode())
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  @Test
  void numberOfSharedLeasesIsLimited() {
    for (int i = 0; i < 64; i++) {
      acquire("run", 30, true);
    }

    assertThat(failure(() -> acquire("run", 30, true)).getCode())
        .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
  }

  /** A request ends after its caller has the answer. */
  private void awaitNoActiveRequest() {
    while (statistics(other).getActiveRequestCount() > 0) {
      Thread.onSpinWait();
    }
  }

  private static GenerateRequest generate() {
    return GenerateRequest.newBuilder()
        .addSegments(IDS)
        .setArm(Arm.newBuilder().setFullPrefill(FullPrefill.getDefaultInstance()))
        .setMaxNewTokens(1)
        .build();
  }

  private String acquire(String holder, int ttlSeconds, boolean shared) {
    return other
        .acquireLease(
            AcquireLeaseRequest.newBuilder()
                .setHolder(holder)
                .setTtlSeconds(ttlSeconds)
                .setShared(shared)
                .build())
        .getLeaseId();
  }

  private String renew(String id, int ttlSeconds) {
    return other
        .acquireLease(
            AcquireLeaseRequest.newBuilder().setLeaseId(id).setTtlSeconds(ttlSeconds).build())
        .getLeaseId();
  }

  private WorkerGrpc.WorkerBlockingStub holder(String leaseId) {
    Metadata headers = new Metadata();
    headers.put(LeaseInterceptor.LEASE_ID, leaseId);
    return other.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private static LeaseStatistics statistics(WorkerGrpc.WorkerBlockingStub stub) {
    return stub.describe(DescribeRequest.getDefaultInstance()).getLeases();
  }

  private static Status failure(Runnable call) {
    return catchThrowableOfType(StatusRuntimeException.class, call::run).getStatus();
  }
}
