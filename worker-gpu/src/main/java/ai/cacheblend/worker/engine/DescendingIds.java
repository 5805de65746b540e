package ai.cacheblend.worker.engine;

/**
 * Token ids in descending order of their values, ties in ascending order of id. A binary heap over
 * primitive arrays: O(n) to create and O(log n) per id, for the few ids that sampling needs of a
 * large vocabulary.
 */
final class DescendingIds {
  private final double[] values;
  private final int[] heap;
  private int size;

  /** The values must not change while ids are taken. */
  DescendingIds(double[] values) {
    this.values = values;
    this.size = values.length;
    this.heap = new int[size];
    for (int id = 0; id < size; id++) {
      heap[id] = id;
    }
    for (int root = size / 2 - 1; root >= 0; root--) {
      siftDown(root);
    }
  }

  boolean hasNext() {
    return size > 0;
  }

  int next() {
    int id = heap[0];
    heap[0] = heap[--size];
    siftDown(0);
    return id;
  }

  private void siftDown(int root) {
    int id = heap[root];
    int node = root;
    for (int child = 2 * node + 1; child < size; child = 2 * node + 1) {
      if (child + 1 < size && precedes(heap[child + 1], heap[child])) {
        child++;
      }
      if (!precedes(heap[child], id)) {
        break;
      }
      heap[node] = heap[child];
      node = child;
    }
    heap[node] = id;
  }

  private boolean precedes(int a, int b) {
    return values[a] > values[b] || (values[a] == values[b] && a < b);
  }
}
