"""The currencies of ISO 4217 in use, each with the number of digits behind its decimal point."""

from typing import Any

from ..nearest import nearest

_TWO = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY
COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR
JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO
NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS
TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAG XAU XCD XCG XDR XPD XPT YER ZAR ZMW ZWG
"""
_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_FOUR = "CLF UYW"

CURRENCIES: dict[str, int] = {
    code: digits for digits, codes in ((2, _TWO), (0, _NONE), (3, _THREE), (4, _FOUR)) for code in codes.split()
}


def unknown_currency(code: str) -> list[tuple[str, str, dict[str, Any]]]:
    """What is wrong with a setting `currency`, as `FieldType.wrong_settings` says it: a code that the norm does not list."""
    if code in CURRENCIES:
        return []
    near = nearest(code.upper(), CURRENCIES)
    if near is None:
        return [("currency", "“{currency}” is no ISO 4217 currency code.", {"currency": code})]
    sentence = "“{currency}” is no ISO 4217 currency code. Did you mean “{near}”?"
    return [("currency", sentence, {"currency": code, "near": near})]
