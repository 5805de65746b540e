package ai.cacheblend.worker.model;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Optional;

/**
 * Where the layers of a decoder differ from those of Llama.
 *
 * @param activation of the gate
 * @param outputNorms an RMS norm follows attention and feed-forward, before the residual addition
 * @param embeddingScale factor of the token embeddings, rounded to the compute type; empty: 1
 * @param attentionScale factor of products of queries and keys; empty: 1/√headSize
 * @param attentionSoftCap c of scores c · tanh(score / c); empty: none
 * @param logitSoftCap c of logits c · tanh(logit / c); empty: none
 * @param normOffset added to the weights of every RMS norm, in fp32; empty: 0. Absent from JSON
 *     then, so that earlier exports stay valid
 * @param windowRope rotary embedding of the layers with a window; empty: that of all layers
 */
public record DecoderTraits(
    Activation activation,
    boolean outputNorms,
    Optional<Double> embeddingScale,
    Optional<Double> attentionScale,
    Optional<Double> attentionSoftCap,
    Optional<Double> logitSoftCap,
    @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Double> normOffset,
    Optional<RopeParameters> windowRope) {

  public static final DecoderTraits LLAMA =
      new DecoderTraits(
          Activation.SILU,
          false,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  /** Activation functions of a gate. */
  public enum Activation {
    SILU,
    /** GELU, approximated by tanh. */
    GELU_TANH
  }

  public DecoderTraits {
    requireNonNull(activation, "activation is null");
    requireNonNull(windowRope, "windowRope is null");
    checkPositive("embeddingScale", embeddingScale);
    checkPositive("attentionScale", attentionScale);
    checkPositive("attentionSoftCap", attentionSoftCap);
    checkPositive("logitSoftCap", logitSoftCap);
    checkPositive("normOffset", normOffset);
  }

  private static void checkPositive(String name, Optional<Double> value) {
    requireNonNull(value, name + " is null");
    checkArgument(
        value.isEmpty() || (value.get() > 0 && Double.isFinite(value.get())),
        "%s is %s, must be > 0",
        name,
        value);
  }

  /** The same with a rotary embedding of its own for layers with a window. */
  public DecoderTraits withWindowRope(Optional<RopeParameters> rope) {
    return new DecoderTraits(
        activation,
        outputNorms,
        embeddingScale,
        attentionScale,
        attentionSoftCap,
        logitSoftCap,
        normOffset,
        rope);
  }
}
