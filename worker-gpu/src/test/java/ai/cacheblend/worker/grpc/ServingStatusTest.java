package ai.cacheblend.worker.grpc;

import static ai.cacheblend.worker.grpc.ServiceFixture.startThread;
import static ai.cacheblend.worker.grpc.ServiceFixture.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.cacheblend.worker.model.ModelFailureException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The health service during shutdown and after the loss of the device. */
@Timeout(120)
final class ServingStatusTest {
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
  void healthFollowsTheServer() throws Exception {
    HealthGrpc.HealthBlockingStub health = HealthGrpc.newBlockingStub(service.channel);
    for (String name : List.of("", "cacheblend.v1.Worker")) {
      assertThat(health.check(HealthCheckRequest.newBuilder().setService(name).build()).getStatus())
          .isEqualTo(ServingStatus.SERVING);
    }
    CountDownLatch started = service.blockSteps();
    Thread running = startThread(() -> service.collect("abc"));
    started.await();
    var watch = health.watch(HealthCheckRequest.getDefaultInstance());
    assertThat(watch.next().getStatus()).isEqualTo(ServingStatus.SERVING);
    Thread shutdown =
        startThread(
            () -> {
              try {
                service.server.shutDown(Duration.ofSeconds(100));
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            });

    assertThat(watch.next().getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
    service.release.countDown();
    running.join();
    shutdown.join();
    assertThat(service.fixture.engine.chunkStatistics().computedCount())
        .as("the running call ended")
        .isEqualTo(1);
  }

  @Test
  void lostDeviceEndsServing() {
    HealthGrpc.HealthBlockingStub health = HealthGrpc.newBlockingStub(service.channel);
    var watch =
        health.watch(HealthCheckRequest.newBuilder().setService("cacheblend.v1.Worker").build());
    assertThat(watch.next().getStatus()).isEqualTo(ServingStatus.SERVING);
    service.fixture.runner.beforeStep(
        step -> {
          service.fixture.loseDevice("CUDA error 700");
          throw new ModelFailureException("step failed");
        });

    assertThat(statusOfCollect("abc")).isEqualTo(Status.Code.INTERNAL);

    assertThat(watch.next().getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
    assertThat(statusOfCollect("abc")).isEqualTo(Status.Code.UNAVAILABLE);
  }

  private Status.Code statusOfCollect(String text) {
    return catchThrowableOfType(StatusRuntimeException.class, () -> service.collect(text))
        .getStatus()
        .getCode();
  }
}
