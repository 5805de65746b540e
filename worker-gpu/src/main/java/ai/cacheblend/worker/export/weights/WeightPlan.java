package ai.cacheblend.worker.export.weights;

import ai.cacheblend.worker.model.Dtype;
import ai.cacheblend.worker.model.ModelConfig;
import ai.cacheblend.worker.model.WeightBlock;
import java.util.ArrayList;
import java.util.List;

/** The layout of a weights file: which tensors go to which block, in file order. */
public record WeightPlan(List<PlannedBlock> blocks) {

  /** Bytes to which blocks are aligned: a memory page. */
  private static final int ALIGNMENT = 4096;

  /** A block and its tensors; none for a rotation table. */
  record PlannedBlock(WeightBlock block, List<TensorSpec> tensors) {

    PlannedBlock {
      tensors = List.copyOf(tensors);
    }
  }

  public WeightPlan {
    blocks = List.copyOf(blocks);
  }

  /** The sources in the given order and dtype, followed by the rotation tables. */
  public static WeightPlan of(List<BlockSource> sources, ModelConfig config, Dtype dtype) {
    Layout layout = new Layout();
    for (BlockSource source : sources) {
      layout.add(source.block(), dtype, stackedShape(source.tensors()), source.tensors());
    }
    // Rotation tables are fp32 in every dtype.
    List<Integer> table = List.of(config.maxPositionCount(), config.attention().headSize() / 2);
    layout.add(BlockNames.ROPE_COS, Dtype.FP32, table, List.of());
    layout.add(BlockNames.ROPE_SIN, Dtype.FP32, table, List.of());
    if (config.decoder().windowRope().isPresent()) {
      layout.add(BlockNames.WINDOW_ROPE_COS, Dtype.FP32, table, List.of());
      layout.add(BlockNames.WINDOW_ROPE_SIN, Dtype.FP32, table, List.of());
    }
    return new WeightPlan(layout.blocks);
  }

  private static List<Integer> stackedShape(List<TensorSpec> tensors) {
    List<Integer> shape = new ArrayList<>(tensors.get(0).shape());
    for (TensorSpec tensor : tensors.subList(1, tensors.size())) {
      shape.set(0, Math.addExact(shape.get(0), tensor.shape().get(0)));
    }
    return shape;
  }

  /** The tensors that the checkpoint must have. */
  public List<TensorSpec> tensors() {
    return blocks.stream().flatMap(block -> block.tensors().stream()).toList();
  }

  public List<WeightBlock> weightBlocks() {
    return blocks.stream().map(PlannedBlock::block).toList();
  }

  /** Size of the weights file. */
  public long byteCount() {
    return blocks.get(blocks.size() - 1).block().end();
  }

  private static final class Layout {

    private final List<PlannedBlock> blocks = new ArrayList<>();
    private long end;

    void add(String name, Dtype dtype, List<Integer> shape, List<TensorSpec> tensors) {
      long offset = (end + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
      WeightBlock block = new WeightBlock(name, dtype, shape, offset);
      blocks.add(new PlannedBlock(block, tensors));
      end = block.end();
    }
  }
}
