package ai.cacheblend.worker.grpc;

import ai.cacheblend.worker.engine.FailureKind;
import ai.cacheblend.worker.engine.WorkerException;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Daemon threads with a bounded queue. A call that does not fit fails with CAPACITY_EXCEEDED. */
final class BoundedExecutor {
  private static final long IDLE_SECONDS = 60;

  private BoundedExecutor() {}

  static ExecutorService create(String name, int threadCount, int queueCapacity) {
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            threadCount,
            threadCount,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(queueCapacity),
            new ThreadFactoryBuilder().setNameFormat(name + "-%d").setDaemon(true).build(),
            (call, full) -> {
              throw full.isShutdown()
                  ? new WorkerException(FailureKind.SHUTTING_DOWN, "the worker is shutting down")
                  : new WorkerException(
                      FailureKind.CAPACITY_EXCEEDED,
                      "the %s queue is full (%d calls wait); retry later"
                          .formatted(name, queueCapacity));
            });
    executor.allowCoreThreadTimeOut(true);
    return executor;
  }
}
