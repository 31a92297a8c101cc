namespace AdaptCluster.Numerics.Networks;

/// <summary>An elementwise non-linearity. Where it has a kink (at 0), its derivative there is that of the left side.</summary>
public enum Activation
{
    /// <summary>x.</summary>
    Identity,

    /// <summary>tanh(x).</summary>
    Tanh,

    /// <summary>max(x, 0).</summary>
    ReLU,

    /// <summary>x Phi(x) with the normal distribution function Phi (the exact form, by erf, not the tanh approximation).</summary>
    GELU,

    /// <summary>x / (1 + exp(-x)).</summary>
    SiLU,

    /// <summary>1 / (1 + exp(-x)).</summary>
    Sigmoid,

    /// <summary>x for positive x, else 0.01 x.</summary>
    LeakyReLU,

    /// <summary>The approximation of GELU by tanh: x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))).</summary>
    GELUTanh,

    /// <summary>x for positive x, else exp(x) - 1.</summary>
    ELU,

    /// <summary>log(1 + exp(x)).</summary>
    Softplus,

    /// <summary>x min(max(x + 3, 0), 6) / 6.</summary>
    HardSwish,

    /// <summary>min(max(x + 3, 0), 6) / 6.</summary>
    HardSigmoid,
}
