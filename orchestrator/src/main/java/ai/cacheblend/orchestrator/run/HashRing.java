package ai.cacheblend.orchestrator.run;

import com.google.common.hash.HashCode;
import com.google.common.hash.HashFunction;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * Consistent hashing: a key keeps its node as long as that node is there, and only the keys of a
 * node that went away move. Depends on the nodes' names alone, not on their order.
 */
final class HashRing {
  private static final HashFunction HASH = Hashing.murmur3_128();

  /** Points per node on the ring; shares of nodes differ by about ten per cent. */
  private static final int VIRTUAL_NODE_COUNT = 128;

  private final NavigableMap<Long, String> points = new TreeMap<>();

  HashRing(List<String> nodes) {
    for (String node : nodes) {
      for (int i = 0; i < VIRTUAL_NODE_COUNT; i++) {
        points.put(
            HASH.newHasher().putString(node, StandardCharsets.UTF_8).putInt(i).hash().asLong(),
            node);
      }
    }
  }

  /** The nodes from {@code key} on around the ring, each once: the first is the key's own. */
  List<String> preference(HashCode key) {
    long point = key.asLong();
    Set<String> nodes = new LinkedHashSet<>();
    for (Map<Long, String> half : List.of(points.tailMap(point, true), points.headMap(point))) {
      nodes.addAll(half.values());
    }
    return new ArrayList<>(nodes);
  }
}
