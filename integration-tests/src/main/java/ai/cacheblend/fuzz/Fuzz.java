package ai.cacheblend.fuzz;

import ai.cacheblend.proto.v1.AcquireLeaseResponse;
import ai.cacheblend.proto.v1.DescribeRequest;
import ai.cacheblend.proto.v1.DescribeResponse;
import ai.cacheblend.proto.v1.ReleaseLeaseRequest;
import ai.cacheblend.proto.v1.WorkerGrpc;
import com.google.common.net.HostAndPort;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Sends a number of hostile requests of one seed, and probes the worker meanwhile. */
public final class Fuzz {
  private static final int CALLS_AT_ONCE = 48;
  private static final int MAX_SHORT_DEADLINE_MILLIS = 200;
  private static final int LONG_DEADLINE_MILLIS = 30_000;
  private static final int FRAMES_EVERY = 100;
  private static final int MAX_DESCRIPTIONS = 20;
  private static final int PROGRESS_EVERY = 10_000;
  private static final int SETTLING_POLLS = 3000;
  private static final int RESOURCE_SAMPLES = 40;
  private static final Metadata.Key<String> LEASE_ID =
      Metadata.Key.of("cacheblend-lease-id", Metadata.ASCII_STRING_MARSHALLER);

  private final HostAndPort address;
  private final long pid;
  private final Random random;
  private final HostileMessages messages;
  private final ManagedChannel channel;
  private final Semaphore slots = new Semaphore(CALLS_AT_ONCE);
  private final Map<String, Map<Status.Code, Long>> statuses = new ConcurrentSkipListMap<>();
  private final List<String> descriptions = Collections.synchronizedList(new ArrayList<>());

  private Fuzz(HostAndPort address, long pid, long seed) {
    this.address = address;
    this.pid = pid;
    this.random = new Random(seed);
    this.messages = new HostileMessages(random);
    this.channel = connect();
  }

  /**
   * Returns when all calls have ended.
   *
   * @param pid process of the worker, on this host
   */
  public static FuzzResult run(HostAndPort address, long pid, int callCount, long seed)
      throws InterruptedException {
    return new Fuzz(address, pid, seed).run(callCount);
  }

  private FuzzResult run(int callCount) throws InterruptedException {
    List<Long> latencies = Collections.synchronizedList(new ArrayList<>());
    AtomicBoolean ended = new AtomicBoolean();
    Thread probe = new Thread(() -> probe(latencies, ended), "probe");
    probe.start();
    ResourceSeries resources = new ResourceSeries();
    for (int i = 0; i < callCount; i++) {
      if (i % Math.max(1, callCount / RESOURCE_SAMPLES) == 0) {
        resources.add(ProcessStatus.of(pid));
      }
      if (i > 0 && i % PROGRESS_EVERY == 0) {
        System.err.printf("%d requests%n%s", i, resources.table());
      }
      if (i % FRAMES_EVERY == 0) {
        HostileFrames.send(address.getHost(), address.getPort(), random);
      }
      call();
    }
    slots.acquire(CALLS_AT_ONCE);
    ended.set(true);
    probe.join();
    channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    DescribeResponse state = settled();
    resources.add(ProcessStatus.of(pid));
    latencies.sort(null);
    return new FuzzResult(
        statuses,
        latencies,
        descriptions,
        resources,
        state.getPool().getReservedBlockCount(),
        state.getLeases().getActiveRequestCount());
  }

  private void call() throws InterruptedException {
    List<MethodDescriptor<?, ?>> methods =
        new ArrayList<>(WorkerGrpc.getServiceDescriptor().getMethods());
    methods.sort((a, b) -> a.getFullMethodName().compareTo(b.getFullMethodName()));
    MethodDescriptor<?, ?> method = methods.get(random.nextInt(methods.size()));
    byte[] message = messages.of(method.getBareMethodName()).toByteArray();
    boolean mutated = random.nextBoolean();
    Metadata headers = new Metadata();
    if (random.nextInt(20) == 0) {
      headers.put(LEASE_ID, "unknown");
    }
    slots.acquire();
    ClientCall<byte[], byte[]> call =
        channel.newCall(
            RawMethod.of(method),
            CallOptions.DEFAULT.withDeadlineAfter(
                random.nextInt(8) == 0
                    ? 1 + random.nextInt(MAX_SHORT_DEADLINE_MILLIS)
                    : LONG_DEADLINE_MILLIS,
                TimeUnit.MILLISECONDS));
    call.start(new Ending(method.getBareMethodName()), headers);
    call.request(Integer.MAX_VALUE);
    call.sendMessage(mutated ? Mutation.of(message, random) : message);
    if (random.nextInt(20) == 0) {
      call.cancel("cancelled by the fuzz program", null);
    } else {
      call.halfClose();
    }
  }

  /** Counts the status, and releases a lease, which would exclude the following calls. */
  private final class Ending extends ClientCall.Listener<byte[]> {
    private final String method;

    Ending(String method) {
      this.method = method;
    }

    @Override
    public void onMessage(byte[] message) {
      if (method.equals("AcquireLease")) {
        try {
          String id = AcquireLeaseResponse.parseFrom(message).getLeaseId();
          var unused =
              WorkerGrpc.newFutureStub(channel)
                  .releaseLease(ReleaseLeaseRequest.newBuilder().setLeaseId(id).build());
        } catch (InvalidProtocolBufferException e) {
          throw new IllegalStateException("the worker sent an invalid message", e);
        }
      }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      statuses
          .computeIfAbsent(method, name -> Collections.synchronizedMap(new TreeMap<>()))
          .merge(status.getCode(), 1L, Long::sum);
      if (!FuzzResult.DOCUMENTED.contains(status.getCode())
          && descriptions.size() < MAX_DESCRIPTIONS) {
        descriptions.add(method + " " + status);
      }
      slots.release();
    }
  }

  private void probe(List<Long> latencies, AtomicBoolean ended) {
    ManagedChannel other = connect();
    try {
      while (!ended.get()) {
        long start = System.nanoTime();
        describe(other);
        latencies.add(System.nanoTime() - start);
        Thread.sleep(10);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (StatusRuntimeException e) {
      descriptions.add("Describe of another caller: " + e.getStatus());
    } finally {
      other.shutdownNow();
    }
  }

  /** The state after the last requests have ended and their steps are over. */
  private DescribeResponse settled() throws InterruptedException {
    ManagedChannel other = connect();
    try {
      DescribeResponse state = describe(other);
      for (int i = 0; i < SETTLING_POLLS && !settled(state); i++) {
        Thread.sleep(100);
        state = describe(other);
      }
      return state;
    } finally {
      other.shutdownNow();
    }
  }

  private static boolean settled(DescribeResponse state) {
    return state.getLeases().getActiveRequestCount() == 0
        && state.getPool().getReservedBlockCount() == 0;
  }

  private static DescribeResponse describe(ManagedChannel channel) {
    return WorkerGrpc.newBlockingStub(channel)
        .withDeadlineAfter(60, TimeUnit.SECONDS)
        .describe(DescribeRequest.getDefaultInstance());
  }

  private ManagedChannel connect() {
    return NettyChannelBuilder.forAddress(address.getHost(), address.getPort())
        .usePlaintext()
        .build();
  }
}
