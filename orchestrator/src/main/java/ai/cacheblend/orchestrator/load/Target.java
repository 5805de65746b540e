package ai.cacheblend.orchestrator.load;

import ai.cacheblend.orchestrator.client.CallStarter;
import com.google.common.primitives.ImmutableIntArray;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** State of a worker in a load generator: its expected chunks, and its requests in progress. */
final class Target {
  private static final int MAX_PREFIXES = 100_000;

  private final CallStarter calls;
  private final Set<Integer> stored = new HashSet<>();
  private final SentPrefixes prefixes = new SentPrefixes(MAX_PREFIXES);
  private int outstanding;
  private Optional<String> lost = Optional.empty();

  Target(CallStarter calls) {
    this.calls = calls;
  }

  CallStarter calls() {
    return calls;
  }

  String address() {
    return calls.address();
  }

  boolean stores(int chunkId) {
    return stored.contains(chunkId);
  }

  int storedOf(ImmutableIntArray chunkIds) {
    return (int) chunkIds.stream().filter(stored::contains).count();
  }

  void stored(int chunkId) {
    stored.add(chunkId);
  }

  /** One of {@code chunkIds} was evicted; which is not known. */
  void forget(ImmutableIntArray chunkIds) {
    chunkIds.forEach(stored::remove);
  }

  /** The beginnings of the prompts of {@code prefix_caching}. */
  SentPrefixes prefixes() {
    return prefixes;
  }

  int outstanding() {
    return outstanding;
  }

  void begin() {
    outstanding++;
  }

  void end() {
    outstanding--;
  }

  /** Why the worker takes no more requests. */
  Optional<String> lost() {
    return lost;
  }

  void lose(String reason) {
    lost = Optional.of(reason);
  }
}
