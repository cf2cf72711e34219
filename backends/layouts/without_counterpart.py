"""Links that no PyTorch module can take the weights of, each with the reason; and links that are made of others."""

_RESET = "it resets the state before the matrix product, and nn.GRUCell after it"
_OWN_CLASS = "PyTorch has no module for it; its arrays belong in parameters of a module of your own"

WITHOUT_COUNTERPART = {
    "GRU": _RESET,
    "StatefulGRU": _RESET,
    "StatelessGRU": _RESET,
    "StatefulMGU": "PyTorch has no minimal gated unit",
    "StatelessMGU": "PyTorch has no minimal gated unit",
    "StatefulPeepholeLSTM": "nn.LSTM has no peepholes",
    "StatefulZoneoutLSTM": "nn.LSTM has no zoneout",
    "ChildSumTreeLSTM": "PyTorch has no LSTM over trees",
    "NaryTreeLSTM": "PyTorch has no LSTM over trees",
    "BatchRenormalization": "PyTorch has no batch renormalisation",
    "DecorrelatedBatchNormalization": "PyTorch has no decorrelated batch normalisation",
    "LocalConvolution2D": "PyTorch has no convolution with other filters at each place",
    "DeformableConvolution2D": "PyTorch's own modules have no deformable convolution",
    "SimplifiedDropconnect": "PyTorch has no dropconnect",
    "CRF1d": "PyTorch has no conditional random field",
    "NegativeSampling": "PyTorch has no loss that samples negatives",
    "BlackOut": "PyTorch has no BlackOut loss",
    "BinaryHierarchicalSoftmax": "PyTorch's hierarchical softmax, AdaptiveLogSoftmaxWithLoss, is another function",
    "Scale": _OWN_CLASS,
    "Bias": _OWN_CLASS,
    "Parameter": _OWN_CLASS,
    "Swish": "nn.SiLU has no slope to train",
    "TheanoFunction": "it is a function of Theano's",
}

COMPOSED = {
    "Classifier": "predictor",
    "Highway": "plain and transform, which are Linear",
    "Maxout": "linear, which is Linear",
    "MLPConvolution2D": "0, 1, …, which are Convolution2D",
    "Inception": "conv1, proj3, conv3, …, which are Convolution2D",
    "InceptionBN": "conv1, conv1n, …, which are Convolution2D and BatchNormalization",
    "GoogLeNet": "its layers",
    "ResNet50Layers": "its layers",
    "ResNet101Layers": "its layers",
    "ResNet152Layers": "its layers",
    "VGG16Layers": "its layers",
    "VGG19Layers": "its layers",
}
"""Links without arrays of their own, and what they are made of: their children are converted one by one."""
