package ai.cacheblend.worker.model;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

/**
 * Number formats of a model at run time. Each weight block names its own, since some tables stay in
 * fp32.
 *
 * @param compute of projections and activations
 * @param kv of the KV pool
 */
public record ModelDtypes(Dtype compute, Dtype kv) {

  public ModelDtypes {
    requireNonNull(compute, "compute is null");
    requireNonNull(kv, "kv is null");
    checkArgument(
        kv == compute,
        "kv is %s and compute is %s; the KV ops take both in one dtype",
        kv.id(),
        compute.id());
  }

  /** One dtype for everything. */
  public static ModelDtypes of(Dtype dtype) {
    return new ModelDtypes(dtype, dtype);
  }
}
